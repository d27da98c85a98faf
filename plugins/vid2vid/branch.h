#pragma once

#include "framework/nn/resnet_stack.h"
#include "plugins/vid2vid/norm.h"

#include <ATen/TensorOperators.h>

#include <optional>
#include <string>

namespace weft::vid2vid {

/// The shared part of the image and the flow branch: residual blocks, then layers that upsample the trunk's maps to full
/// size.
///
/// At scale 0 the blocks are a module of their own (`model_res_img`), at finer scales they precede the
/// upsampling (`model_up_img`), and the last features of the scale below are added first.
struct Branch {
  int64_t scale = 0, features = 128, blocks = 9, down = 3;
  NormParams norm;

  void declare(Params& p) {
    p("scale", scale, "0 is the coarsest scale; finer scales add to the features of the next coarser one").min(0);
    p("features", features, "channels after the last upsampling").min(1).max(nn::kMostFeatures);
    p("blocks", blocks,
      "residual blocks; at scale 0 the number in trunk and branch together, of which half, rounded down, are here")
        .min(0)
        .max(nn::kMostBlocks);
    p("down", down, "how often the trunk halves its maps (scale 0; finer scales halve once)").min(1).max(nn::kMostDown);
    norm.declare(p);
  }

  void shape(Shapes& shapes) const {
    const int64_t size = int64_t{1} << halvings();
    shapes.set('H', shapes['M'] * size);
    shapes.set('W', shapes['N'] * size);
    shapes.set('K', features);
  }

  /// @param which  `img` or `flow`, the end of the keys
  void build(nn::Module& owner, const std::string& which) {
    const int64_t channels = features << halvings();
    if (scale == 0) res_.emplace(owner, "model_res_" + which).blocks(blocks / 2, channels, norm.options);
    up_.emplace(owner, "model_up_" + which);
    if (scale > 0) up_->blocks(blocks, channels, norm.options);
    for (int64_t i = halvings(); i > 0; --i) up_->twice(features << i, features << (i - 1), norm.options);
  }

  /// [B, F, M, N] (and the features of the scale below, of the same size) -> [B, features, H, W].
  at::Tensor operator()(const at::Tensor& trunk, const at::Tensor* below) const {
    const at::Tensor joined = below ? trunk + *below : trunk;
    return (*up_)(res_ ? (*res_)(joined) : joined);
  }

 private:
  int64_t halvings() const { return scale == 0 ? down : 1; }

  std::optional<nn::ResnetStack> res_, up_;
};

}  // namespace weft::vid2vid
