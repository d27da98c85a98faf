#include "plugins/spade/generator_network.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/upsample_nearest2d.h>

#include <cmath>

namespace weft::spade {
namespace {

constexpr double kSlope = 0.2, kGain = 0.02;
constexpr int64_t kMostWide = 16;  // the widest maps, in multiples of the features

}  // namespace

std::array<int64_t, 2> GeneratorOptions::grid() const {
  const int64_t width = crop_size >> doublings();
  return {static_cast<int64_t>(std::nearbyint(static_cast<double>(width) / aspect_ratio)), width};
}

GeneratorNetwork::GeneratorNetwork(nn::Module& parent, std::string name, const GeneratorOptions& options)
    : Module(parent, std::move(name)), options_(options) {
  const int64_t features = options.features, widest = kMostWide * features;
  const auto [height, width] = options.grid();
  const nn::Init weight = nn::Init::xavier_normal(kGain), bias = nn::Init::zeros();
  if (options.uses_code) {
    from_code_.emplace(
        *this, "fc",
        nn::LinearOptions{
            .in = options.code, .out = widest * height * width, .weight_init = weight, .bias_init = bias});
  } else {
    from_segmentation_.emplace(
        *this, "fc",
        nn::ConvOptions{
            .in = options.spade.labels, .out = widest, .padding = 1, .weight_init = weight, .bias_init = bias});
  }
  using enum GeneratorOptions::Upsampling;
  add("head_0", widest, widest, Doubling::No);
  add("G_middle_0", widest, widest, Doubling::Before);
  add("G_middle_1", widest, widest, options.upsampling == Normal ? Doubling::No : Doubling::Before);
  for (int64_t i = 0; i < 4; ++i) add("up_" + std::to_string(i), widest >> i, widest >> (i + 1), Doubling::Before);
  const int64_t last = options.upsampling == Most ? features / 2 : features;
  if (options.upsampling == Most) add("up_4", features, last, Doubling::Before);
  to_image_.emplace(*this, "conv_img",
                    nn::ConvOptions{.in = last, .out = 3, .padding = 1, .weight_init = weight, .bias_init = bias});
}

void GeneratorNetwork::add(const std::string& name, int64_t in, int64_t out, Doubling doubling) {
  stages_.push_back({std::make_unique<SpadeBlock>(*this, name, in, out, options_.spade), doubling});
}

GeneratorNetwork::Maps GeneratorNetwork::operator()(const nn::MapOrIds& segmentation, const at::Tensor& code) const {
  const auto [height, width] = options_.grid();
  at::Tensor x = from_code_ ? (*from_code_)(code).view({-1, kMostWide * options_.features, height, width})
                            : (*from_segmentation_)(segmentation_at(segmentation, height, width));
  Maps maps;
  for (const Stage& stage : stages_) {
    if (stage.doubling == Doubling::Before) x = at::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
    x = (*stage.block)(x, segmentation);
    if (!maps.head.defined()) maps.head = x;
  }
  maps.last = x;
  maps.image = at::tanh((*to_image_)(at::leaky_relu(x, kSlope)));
  return maps;
}

}  // namespace weft::spade
