#pragma once

#include "framework/testing/node_runner.h"

#include <cstdint>
#include <string>

namespace weft::testing {

enum class Use { Run, Training };

/// A media.clips.
struct Clips : NodeRunner {
  explicit Clips(const std::string& root, const std::string& layout = "folders", Use use = Use::Run, int64_t epoch = 0,
                 uint64_t seed = 1)
      : NodeRunner("media.clips", built_plugins(), at::kCPU, seed) {
    set("root", root);
    set("layout", layout);
    context().set_training(use == Use::Training);
    context().set_epoch(epoch);
  }
};

}  // namespace weft::testing
