#pragma once

#include "framework/nn/resnet_stack.h"
#include "plugins/pix2pixhd/norm.h"

#include <optional>

namespace weft::pix2pixhd {

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

  /// Lets the check see that the maps can be halved so often.
  void check(Shapes& shapes) const {
    shapes.set('X', shapes['H'] / (int64_t{1} << down));
    shapes.set('Y', shapes['W'] / (int64_t{1} << down));
  }

  void add_body(nn::ResnetStack& model, int64_t in) const {
    model.body({.in = in, .features = features, .down = down, .blocks = blocks, .norm = norm.options()});
  }
};

}  // namespace weft::pix2pixhd
