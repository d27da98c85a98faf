#include "plugins/fewshot/reference.h"

#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/softmax.h>

namespace weft::fewshot {
namespace {

constexpr int64_t kPooledSide = 32;

}  // namespace

ReferenceTowers::ReferenceTowers(nn::Module& parent, const Options& options)
    : Module(parent, ""), labels_(options.labels) {
  const bool is_product = options.labels == ExampleLabels::Product;
  towers_.push_back(tower("ref_img", 3 + (is_product ? 0 : options.label_channels), options));
  if (is_product) towers_.push_back(tower("ref_label", options.label_channels, options));
}

ReferenceTowers::Tower ReferenceTowers::tower(const std::string& prefix, int64_t in, const Options& options) {
  Tower tower;
  const Pyramid& pyramid = options.pyramid;
  if (options.label_channels > 0) {
    tower.first = std::make_unique<EncoderLayer>(*this, prefix + "_first", in, pyramid.channels(0), 1, options.norms);
  }
  for (int64_t level = options.begin; level < options.end; ++level) {
    const std::string name = text(prefix, "_down_", level);
    const int64_t from = pyramid.channels(level), to = pyramid.channels(level + 1);
    if (options.residual) {
      tower.blocks.push_back(
          std::make_unique<ResidualBlock>(*this, name, from, to, 2, BlockOptions{.norms = options.norms}));
    } else {
      tower.layers.push_back(std::make_unique<EncoderLayer>(*this, name, from, to, 2, options.norms));
    }
  }
  return tower;
}

at::Tensor ReferenceTowers::Tower::operator()(at::Tensor x) const {
  for (const auto& layer : layers) x = (*layer)(x);
  for (const auto& block : blocks) x = (*block)(x);
  return x;
}

at::Tensor ReferenceTowers::first(const at::Tensor& image, const at::Tensor& label) const {
  if (labels_ != ExampleLabels::Product) return (*towers_.front().first)(at::cat({image, label}, 1));
  return at::cat({(*towers_[0].first)(image), (*towers_[1].first)(label)}, 1);  // [B, 2 features, H, W]
}

at::Tensor ReferenceTowers::operator()(const at::Tensor& x) const {
  const std::vector<at::Tensor> maps = x.chunk(static_cast<int64_t>(towers_.size()), 1);
  std::vector<at::Tensor> encoded;
  for (size_t index = 0; index < towers_.size(); ++index) encoded.push_back(towers_[index](maps[index]));
  return encoded.size() == 1 ? encoded.front() : at::cat(encoded, 1);
}

ReferenceDecoder::ReferenceDecoder(nn::Module& parent, const ReferenceTowers::Options& options)
    : Module(parent, ""), options_(options) {
  const auto make = [&](const char* prefix) {
    Layers layers;
    for (int64_t level = 0; level < options.pyramid.down; ++level) {
      const std::string name = text(prefix, level);
      const int64_t from = options.pyramid.channels(level + 1), to = options.pyramid.channels(level);
      if (options.residual) {
        layers.push_back(
            std::make_unique<ResidualBlock>(*this, name, from, to, 1, BlockOptions{.norms = options.norms}));
      } else {
        layers.push_back(std::make_unique<EncoderLayer>(*this, name, from, to, 1, options.norms));
      }
    }
    return layers;
  };
  image_ = make("ref_img_up_");
  if (options.labels == ExampleLabels::Product) label_ = make("ref_label_up_");
}

at::Tensor ReferenceDecoder::up(const nn::Module& layer, const at::Tensor& x) const {
  return options_.residual ? static_cast<const ResidualBlock&>(layer)(x) : static_cast<const EncoderLayer&>(layer)(x);
}

std::vector<at::Tensor> ReferenceDecoder::operator()(const at::Tensor& x) const {
  const auto down = static_cast<size_t>(options_.pyramid.down);
  std::vector<at::Tensor> encoded(down + 1);
  if (options_.labels != ExampleLabels::Product) {
    encoded[down] = x;
    for (size_t level = down; level-- > 0;) encoded[level] = up(*image_[level], encoded[level + 1]);
    return encoded;
  }
  const std::vector<at::Tensor> both = x.chunk(2, 1);
  at::Tensor image = both[0], label = both[1];
  for (size_t level = down;; --level) {
    // The sum over all pixels, weighted by what the label map says of them: [B, C, P] x [B, P, C].
    encoded[level] = at::bmm(image.flatten(2), at::softmax(label, 1).flatten(2).transpose(1, 2));
    if (level == 0) return encoded;
    image = up(*image_[level - 1], image);
    label = up(*label_[level - 1], label);
  }
}

WeightGenerator::Mlp::Mlp(nn::Module& parent, const GeneratedLayout::Part& part, int64_t in, bool spectral_norm,
                          int64_t hidden_layers)
    : Module(parent, part.name) {
  for (int64_t layer = 0; layer <= hidden_layers; ++layer) {
    layers.push_back(
        std::make_unique<nn::Linear>(*this, text(2 * layer),
                                     nn::LinearOptions{.in = layer == 0 ? in : part.hidden,
                                                       .out = layer == hidden_layers ? part.out : part.hidden,
                                                       .spectral_norm = spectral_norm,
                                                       .weight_init = nn::Init::xavier_normal(kGain),
                                                       .bias_init = nn::Init::zeros()}));
  }
}

at::Tensor WeightGenerator::Mlp::operator()(at::Tensor x) const {
  for (const auto& layer : layers) {
    x = (*layer)(x);
    if (layer != layers.back()) x = at::leaky_relu(x, kSlope);
  }
  return x;
}

WeightGenerator::WeightGenerator(nn::Module& parent, const GeneratedOptions& options, const Norms& norms,
                                 int64_t hidden_layers)
    : Module(parent, ""), layout_(options), labels_(options.labels) {
  for (const GeneratedLayout::Part& part : layout_.parts()) {
    const bool sees_map = options.labels == ExampleLabels::Concatenation;
    const int64_t in = sees_map ? kPooledSide * kPooledSide : options.pyramid.channels(part.level);
    generators_.push_back(std::make_unique<Mlp>(*this, part, in, norms.spectral_norm, hidden_layers));
  }
}

at::Tensor WeightGenerator::operator()(const std::vector<at::Tensor>& encoded) const {
  std::vector<at::Tensor> vectors;
  for (size_t index = 0; index < generators_.size(); ++index) {
    const GeneratedLayout::Part& part = layout_.parts()[index];
    at::Tensor rows = encoded[static_cast<size_t>(part.level)];  // [B, rows, *], or maps [B, C, h, w]
    if (labels_ == ExampleLabels::Concatenation)
      rows = at::adaptive_avg_pool2d(rows, {kPooledSide, kPooledSide}).flatten(2);
    if (labels_ == ExampleLabels::Pooled) rows = rows.mean({2, 3}).unsqueeze(1);  // [B, 1, C]
    vectors.push_back((*generators_[index])(rows.flatten(0, 1)).view({rows.size(0), part.numbers()}));
  }
  return at::cat(vectors, 1);
}

}  // namespace weft::fewshot
