#pragma once

#include "framework/node/context.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weft::run {

/// A sequence that runs, alone or in a batch.
struct Row {
  std::string name;    ///< may be empty
  uint64_t index = 0;  ///< among all sequences of the sources
  size_t place = 0;    ///< of its sources in the SourceGroup
  std::shared_ptr<const std::vector<std::string>> frame_names;
  std::optional<Recording> recording;

  /// Tells a node of the sequence.
  void describe_to(Context& context) const {
    context.set_sequence(name, index);
    context.set_frame_names(frame_names);
    context.set_recording(recording);
  }
};

}  // namespace weft::run
