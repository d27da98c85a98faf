#include "plugins/segmentation/deeplab.h"

#include "plugins/segmentation/segmenter.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>

namespace weft::segmentation {
namespace {

using backbones::ConvNorm;

constexpr int64_t kLowChannels = 48;  // to which DeepLabV3+ reduces the finer map

backbones::ResNetOptions resnet_options(Trunk kind, int64_t output_stride) {
  backbones::ResNetOptions options;
  options.blocks = kind == Trunk::ResNet50 ? backbones::kBlocksOfResNet50 : backbones::kBlocksOfResNet101;
  options.dilated = {false, output_stride == 8, output_stride <= 16};
  return options;
}

nn::ConvOptions unbiased(int64_t in, int64_t out) {
  return {.in = in, .out = out, .padding = 1, .bias = false, .weight_init = nn::Init::fan_in()};
}

nn::ConvOptions to_classes(int64_t in, int64_t classes) {
  return {.in = in, .out = classes, .kernel = 1, .weight_init = nn::Init::fan_in()};
}

at::Tensor relu(const at::Tensor& x) {
  return x.relu_();
}

at::Tensor unchanged(const at::Tensor& x) {  // dropout, outside of training
  return x;
}

}  // namespace

std::array<int64_t, 3> rates_of(int64_t output_stride) {
  return output_stride == 8 ? std::array<int64_t, 3>{12, 24, 36} : std::array<int64_t, 3>{6, 12, 18};
}

DeepLabTrunk::DeepLabTrunk(nn::Module& parent, std::string name, Trunk kind, int64_t output_stride)
    : Module(parent, std::move(name)) {
  if (kind == Trunk::MobileNetV2) {
    mobilenet_.emplace(*this, "", output_stride);
  } else {
    resnet_.emplace(*this, "", resnet_options(kind, output_stride));
  }
}

DeepLabTrunk::Maps DeepLabTrunk::operator()(const at::Tensor& image) const {
  if (mobilenet_) {
    const backbones::MobileNetV2::Maps maps = (*mobilenet_)(image);
    return {{}, {}, maps.low, maps.high};
  }
  const backbones::ResNet::Maps maps = (*resnet_)(image);
  return {maps.stem, maps.layers, maps.layers[0], maps.layers[3]};
}

Aspp::Aspp(nn::Module& parent, std::string name, int64_t in, const std::array<int64_t, 3>& rates)
    : Module(parent, std::move(name)),
      convs_(*this, "convs"),
      project_(*this, "project", nn::ConvOptions{.in = 5 * kChannels, .out = kChannels, .kernel = 1}) {
  branches_.push_back(
      std::make_unique<ConvNorm>(convs_, "0", nn::ConvOptions{.in = in, .out = kChannels, .kernel = 1}));
  for (const int64_t rate : rates) {
    branches_.push_back(
        std::make_unique<ConvNorm>(convs_, std::to_string(branches_.size()),
                                   nn::ConvOptions{.in = in, .out = kChannels, .padding = rate, .dilation = rate}));
  }
  branches_.push_back(std::make_unique<nn::Sequence>(convs_, "4"));
  branches_.back()
      ->then([](const at::Tensor& x) {
        return x.mean({2, 3}, /*keepdim=*/true);
      })
      .add<nn::Conv2d>(
          nn::ConvOptions{.in = in, .out = kChannels, .kernel = 1, .bias = false, .weight_init = nn::Init::fan_in()})
      .add<nn::Norm2d>(kChannels, backbones::kBatchNorm)
      .then(relu);
}

std::vector<at::Tensor> Aspp::branches(const at::Tensor& x) const {
  std::vector<at::Tensor> maps;
  for (const auto& branch : branches_) maps.push_back(resized((*branch)(x), x.size(2), x.size(3)));
  return maps;
}

at::Tensor Aspp::operator()(const at::Tensor& x) const {
  return project_(at::cat(branches(x), 1));  // [B, 5 * 256, h, w] -> [B, 256, h, w]
}

DeepLabV3::DeepLabV3(nn::Module& parent, std::string name, const DeepLabOptions& options)
    : Module(parent, std::move(name)),
      trunk_(*this, "backbone", options.trunk, options.output_stride),
      outer_(*this, options.keys == Keys::Vainf ? "classifier" : ""),
      classifier_(outer_, "classifier"),
      aspp_(classifier_, "0", trunk_.high_channels(), options.rates.value_or(rates_of(options.output_stride))),
      head_(classifier_, "") {
  // The ASPP is number 0 of the sequence, so that its first layer is number 1.
  head_.then(unchanged)
      .add<nn::Conv2d>(unbiased(Aspp::kChannels, 256))
      .add<nn::Norm2d>(256, backbones::kBatchNorm)
      .then(relu)
      .add<nn::Conv2d>(to_classes(256, options.classes));
  if (!options.auxiliary) return;
  auxiliary_.emplace(*this, "aux_classifier");
  auxiliary_->add<nn::Conv2d>(unbiased(1024, 256))
      .add<nn::Norm2d>(256, backbones::kBatchNorm)
      .then(relu)
      .then(unchanged)
      .add<nn::Conv2d>(to_classes(256, options.classes));
}

DeepLabV3::Maps DeepLabV3::maps(const at::Tensor& image) const {
  Maps maps;
  maps.trunk = trunk_(image);
  maps.branches = aspp_.branches(maps.trunk.high);
  maps.aspp = aspp_(maps.trunk.high);
  maps.logits = head_(maps.aspp);
  if (auxiliary_) maps.auxiliary = (*auxiliary_)(maps.trunk.layers[2]);
  return maps;
}

at::Tensor DeepLabV3::operator()(const at::Tensor& image) const {
  return head_(aspp_(trunk_(image).high));
}

DeepLabV3Plus::DeepLabV3Plus(nn::Module& parent, std::string name, const DeepLabOptions& options)
    : Module(parent, std::move(name)),
      trunk_(*this, "backbone", options.trunk, options.output_stride),
      classifier_(*this, "classifier"),
      project_(classifier_, "project", nn::ConvOptions{.in = trunk_.low_channels(), .out = kLowChannels, .kernel = 1}),
      aspp_(classifier_, "aspp", trunk_.high_channels(), options.rates.value_or(rates_of(options.output_stride))),
      head_(classifier_, "classifier") {
  head_.add<nn::Conv2d>(unbiased(kLowChannels + Aspp::kChannels, 256))
      .add<nn::Norm2d>(256, backbones::kBatchNorm)
      .then(relu)
      .add<nn::Conv2d>(to_classes(256, options.classes));
}

DeepLabV3Plus::Maps DeepLabV3Plus::maps(const at::Tensor& image) const {
  const DeepLabTrunk::Maps trunk = trunk_(image);
  const at::Tensor low = project_(trunk.low);                                       // [B, 48, H/4, W/4]
  const at::Tensor context = resized(aspp_(trunk.high), low.size(2), low.size(3));  // [B, 256, H/4, W/4]
  return {trunk.low, trunk.high, head_(at::cat({low, context}, 1))};
}

}  // namespace weft::segmentation
