#pragma once

#include "framework/testing/node_runner.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/rand.h>

#include <string>

namespace weft::testing {

/// A media.write_video.
struct Writer : NodeRunner {
  /// The fastest preset looks ahead at nothing.
  explicit Writer(const std::string& file) : NodeRunner("media.write_video") {
    set("path", file).set("preset", std::string("ultrafast"));
  }
  void finish() { sink().finish(context()); }
};

/// What a video is called until it is finished.
inline std::string unfinished(const std::string& file) {
  return file.substr(0, file.size() - 4) + ".part" + file.substr(file.size() - 4);
}

inline at::Tensor grey(double value, int64_t height = 32, int64_t width = 48) {
  return at::full({1, 3, height, width}, value);
}

/// Something that does not get small.
inline at::Tensor noise() {
  return at::rand({1, 3, 64, 64}) * 2 - 1;
}

}  // namespace weft::testing
