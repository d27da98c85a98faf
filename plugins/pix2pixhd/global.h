#pragma once

#include "framework/nn/halvings.h"
#include "framework/nn/resnet_stack.h"
#include "plugins/pix2pixhd/norm.h"

#include <optional>

namespace weft::pix2pixhd {

/// Refuses maps that a node cannot halve so often, as far as the check knows their size.
inline void check_halvings(const char* node, const Shapes& shapes, int64_t halvings) {
  const auto side = [&](char letter) {
    const Dim dim = shapes.symbols ? shapes.symbols->resolve(shapes[letter]) : shapes[letter];
    return dim.is_known() ? dim.value() : 0;
  };
  nn::check_halvings(node, side('H'), side('W'), halvings);
}

/// The shape of the global generator's `model`, up to its last map before the image.
struct GlobalOptions {
  int64_t features = 64, down = 4, blocks = 9;
  NormParams norm;

  void declare(Params& p) {
    p("features", features, "channels after the first layer; each halving doubles them").min(1).max(nn::kMostFeatures);
    p("down", down, "how often maps are halved; height and width must be multiples of 2^down")
        .min(1)
        .max(nn::kMostDown);
    p("blocks", blocks, "residual blocks at the smallest size").min(0).max(nn::kMostBlocks);
    norm.declare(p);
  }

  void add_body(nn::ResnetStack& model, int64_t in) const {
    model.body({.in = in, .features = features, .down = down, .blocks = blocks, .norm = norm.options()});
  }
};

}  // namespace weft::pix2pixhd
