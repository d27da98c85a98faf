#pragma once

#include "framework/nn/resnet_stack.h"
#include "plugins/vid2vid/norm.h"

#include <algorithm>
#include <optional>

namespace weft::vid2vid {

/// The shared part of the generators of single images.
struct GlobalOptions {
  static constexpr int64_t kMostChannels = 1024;

  int64_t features = 64, down = 3, blocks = 9;
  NormParams norm{{.kind = nn::NormOptions::Kind::Instance}};

  void declare(Params& p) {
    p("features", features, "channels after the first layer").min(1).max(nn::kMostFeatures);
    p("down", down, "how often maps are halved").min(1).max(nn::kMostDown);
    p("blocks", blocks, "residual blocks").min(0).max(nn::kMostBlocks);
    norm.declare(p);
  }

  /// Lets the check see that the maps can be halved so often.
  void check(Shapes& shapes) const {
    shapes.set('M', shapes['H'] / (int64_t{1} << down));
    shapes.set('N', shapes['W'] / (int64_t{1} << down));
  }

  /// Channels after `halvings` halvings: they double, up to 1024.
  int64_t channels(int64_t base, int64_t halvings) const { return std::min(kMostChannels, base << halvings); }

  /// Conv 7, halvings, blocks, doublings; [B, in, H, W] -> [B, base, H, W].
  void add_body(nn::ResnetStack& model, int64_t in, int64_t base) const {
    model.body({.in = in,
                .features = base,
                .most_channels = kMostChannels,
                .down = down,
                .blocks = blocks,
                .norm = norm.options});
  }
};

}  // namespace weft::vid2vid
