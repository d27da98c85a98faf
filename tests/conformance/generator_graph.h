#pragma once

#include "tests/conformance/fixture.h"

#include <string>

namespace weft::conformance {

/// The configuration of vid2vid's video generator, whatever a fixture calls its entries.
struct GeneratorConfig {
  int64_t past = 2;  ///< frames
  int64_t features = 128, down = 3, blocks = 9, local_blocks = 3, scales = 1;
  bool has_foreground = false, has_flow = true;
  int64_t raw_until = 0;
  std::string norm = "batch", statistics = "batch";
  bool updates_statistics = false;

  static GeneratorConfig of(const nlohmann::json& config);
  /// Channels of the foreground's network at a scale: half of the others' where down > 2.
  int64_t foreground_features(int64_t scale) const;
};

/// [node.F] that uses graphs/parts for this configuration; its wires are the caller's.
std::string generator_node(const GeneratorConfig& config);

/// The path in [weights] of scale `scale` below a node called F.
std::string scale_path(const GeneratorConfig& config, int64_t scale);

}  // namespace weft::conformance
