#include "plugins/monkeynet/generator_network.h"

#include "framework/base/text.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/upsample_nearest3d.h>
#include <ATen/ops/upsample_trilinear3d.h>

namespace weft::monkeynet {

GeneratorNetwork::GeneratorNetwork(nn::Module& parent, std::string name, const GeneratorOptions& options)
    : Module(parent, std::move(name)),
      options_(options),
      encoder_(*this, "appearance_encoder", options.hourglass),
      decoder_(*this, "video_decoder", options.hourglass, {.extra = options.embedding.channels()}) {
  const int64_t channels = options.hourglass.channels(0) + options.hourglass.in + options.embedding.channels();
  for (int64_t i = 0; i < options.refinement_blocks; ++i)
    refinement_.push_back(std::make_unique<ResidualBlock>(*this, text("refinement_module.r", i), channels));
  last_.emplace(*this, "refinement_module.conv-last", of_frames(channels, options.hourglass.in, 1));
}

/// Of all frames together: [B, C, D, h, w] -> [B, C, D, height, width].
at::Tensor GeneratorNetwork::resized(const at::Tensor& maps, int64_t height, int64_t width) const {
  if (maps.size(3) == height && maps.size(4) == width) return maps;
  const std::vector<int64_t> size{maps.size(2), height, width};
  return options_.interpolation == GeneratorOptions::Interpolation::Nearest
             ? at::upsample_nearest3d(maps, size)
             : at::upsample_trilinear3d(maps, size, /*align_corners=*/false);
}

/// [B, C, 1, H, W] -> [B, C, D, H, W], in float: bfloat16 would round positions to whole pixels.
at::Tensor GeneratorNetwork::moved(const at::Tensor& map, const at::Tensor& motion) const {
  const at::Tensor positions = resized(motion.permute({0, 4, 1, 2, 3}), map.size(3), map.size(4));  // [B, 2, D, H, W]
  return sampled(nn::widened(map), positions.permute({0, 2, 3, 4, 1}));
}

GeneratorNetwork::Frames GeneratorNetwork::operator()(const at::Tensor& image, const at::Tensor& motion,
                                                      const Keypoints& source, const Keypoints& driving,
                                                      at::ScalarType type) const {
  std::vector<at::Tensor> maps = encoder_(nn::enter(image, type));
  const at::Tensor embedding = embedded(image, source, driving, options_.embedding);  // [B, e, D, h, w]
  Frames frames{.image = {}, .warped = moved(image, motion)};
  for (at::Tensor& map : maps) {
    const int64_t height = map.size(3), width = map.size(4);
    map = moved(map, motion);
    if (embedding.defined()) map = at::cat({map, resized(embedding, height, width)}, 1);
    map = nn::enter(map, type);
  }
  at::Tensor x = decoder_(std::move(maps));  // [B, base + C + e, D, H, W]
  for (const auto& block : refinement_) x = (*block)(x);
  frames.image = nn::widened(at::sigmoid((*last_)(x)));
  return frames;
}

}  // namespace weft::monkeynet
