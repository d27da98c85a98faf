#pragma once

#include "tests/conformance/fixture.h"

#include <string>

namespace weft::conformance {

/// The generator of few-shot vid2vid as a graph, for a config of the original.
///
/// Reads the streams `s` (the label map), `example_images`, `example_labels`; with `with_crop` also `crop`, an image whose
/// features the generator begins with. Has the streams `fake`, and where they are there G.raw, flow_example, warped_example,
/// flow_previous, warped_previous, attention, code.
struct FewShotGraph {
  explicit FewShotGraph(const nlohmann::json& config);

  nlohmann::json config;
  int64_t shots = 1;
  bool warps_example = false;  ///< a flow leads to the example
  bool is_temporal = false;    ///< a flow leads to the last frame
  bool combines = false;       ///< warped pictures go into the norms, not over the frame
  bool begins_with_crop = false;

  bool is_on(const char* option) const { return config.value(option, false); }
  /// Whether both flows are one network.
  bool shares_flow() const;
  /// Whether both warped pictures are embedded by one network.
  bool shares_embedding() const;
  bool has_weights() const;

  /// All nodes of the generator, and [stream].
  std::string nodes() const;
  /// The parameters that these nodes have, of all that a file lists.
  Tensors wanted(Tensors params) const;

 private:
  std::string reference_nodes() const;
  std::string flow_nodes() const;
  std::string generator_node() const;
  std::string pyramid(const char* features = "ngf") const;
  std::string norms(const char* of = "norm_G") const;
  std::string reference_params() const;
  std::string generated_params() const;
};

}  // namespace weft::conformance
