#pragma once

#include "framework/nn/halvings.h"
#include "framework/nn/resnet_stack.h"
#include "plugins/pix2pixhd/norm.h"

#include <algorithm>
#include <optional>

namespace weft::pix2pixhd {

/// Refuses maps that are too small for the borders that a network reflects: of 3 pixels at full size, of 1 in its residual
/// blocks.
/// @throws Error  (Exit::Graph)
inline void check_borders(const char* node, int64_t height, int64_t width, int64_t halvings) {
  const int64_t least = std::max<int64_t>(4, int64_t{2} << halvings);
  if (std::min(height, width) >= least) return;
  throw Error(Exit::Graph, text(node, " needs a height and a width of at least ", least, ", since it halves its maps ",
                                halvings, " times and reflects their borders, but got ", height, "x", width))
      .hint("a larger `size`, or fewer halvings");
}

/// Refuses maps that a node cannot halve so often, as far as the check knows their size.
/// @param reflects  whether its residual blocks reflect borders
inline void check_halvings(const char* node, const Shapes& shapes, int64_t halvings, bool reflects = true) {
  const auto side = [&](char letter) {
    const Dim dim = shapes.symbols ? shapes.symbols->resolve(shapes[letter]) : shapes[letter];
    return dim.is_known() ? dim.value() : 0;
  };
  nn::check_halvings(node, side('H'), side('W'), halvings);
  if (reflects && side('H') > 0 && side('W') > 0) check_borders(node, side('H'), side('W'), halvings);
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
