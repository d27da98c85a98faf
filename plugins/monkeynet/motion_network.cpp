#include "plugins/monkeynet/motion_network.h"

#include "framework/base/text.h"

#include <ATen/ops/softmax.h>

namespace weft::monkeynet {
namespace {

HourglassOptions hourglass_of(const MotionOptions& options) {
  HourglassOptions hourglass = options.hourglass;
  hourglass.in = options.embedding.channels();
  return hourglass;
}

}  // namespace

MotionNetwork::MotionNetwork(nn::Module& parent, std::string name, const MotionOptions& options)
    : Module(parent, std::move(name)),
      options_(options),
      // A last convolution of zeros: in the beginning all pixels move alike.
      hourglass_(*this, "hourglass", hourglass_of(options), options.channels_out(), nn::Init::zeros(),
                 nn::Init::zeros()) {
  const int64_t channels = options.embedding.channels();
  for (int64_t i = 0; i < options.group_blocks; ++i) {
    group_blocks_.push_back(std::make_unique<ConvNormRelu>(*this, text("group_blocks.", i), channels, channels,
                                                           /*kernel=*/1, options.embedding.keypoints + 1));
  }
}

at::Tensor MotionNetwork::operator()(const at::Tensor& image, const Keypoints& source, const Keypoints& driving,
                                     at::ScalarType type) const {
  const at::Tensor seen = scaled(image, options_.scale);
  at::Tensor x = nn::enter(embedded(seen, source, driving, options_.embedding), type);  // [B, (K + 1) f, D, h, w]
  for (const auto& block : group_blocks_) x = (*block)(x);
  const at::Tensor scores = nn::widened(hourglass_(x));  // [B, K + 1 + 2, D, h, w]
  at::Tensor position = pixel_grid(seen.size(3), seen.size(4), scores.options());
  if (options_.has_masks) {
    const at::Tensor masks = at::softmax(scores.narrow(1, 0, options_.embedding.keypoints + 1), 1);
    const at::Tensor shift = shifts(source, driving, options_.embedding);  // [B, D, K + 1, 2]
    // Keypoint by keypoint in one product: [B, D, h, w, K + 1] x [B, D, 1, K + 1, 2].
    const at::Tensor by_pixel = masks.permute({0, 2, 3, 4, 1}).unsqueeze(-1);
    position = position + (by_pixel * shift.unsqueeze(2).unsqueeze(2)).sum(-2);
  }
  if (options_.has_correction) position = position + scores.narrow(1, scores.size(1) - 2, 2).permute({0, 2, 3, 4, 1});
  return position.expand({image.size(0), driving.mean.size(1), seen.size(3), seen.size(4), 2});
}

}  // namespace weft::monkeynet
