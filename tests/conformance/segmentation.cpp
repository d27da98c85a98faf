#include "framework/base/text.h"
#include "plugins/segmentation/deeplab.h"
#include "plugins/segmentation/segmenter.h"
#include "tests/conformance/perception.h"

#include <c10/core/GradMode.h>

#include <algorithm>

namespace weft::conformance {
namespace {

using segmentation::DeepLabOptions;
using segmentation::Keys;
using segmentation::Trunk;

Trunk trunk_of(const std::string& module) {
  if (module.ends_with("mobilenet")) return Trunk::MobileNetV2;
  return module.ends_with("resnet50") ? Trunk::ResNet50 : Trunk::ResNet101;
}

DeepLabOptions options_of(const Fixture& fixture) {
  const nlohmann::json& config = fixture.config();
  DeepLabOptions options;
  options.trunk = trunk_of(fixture.module());
  options.keys = fixture.module().starts_with("VainF") ? Keys::Vainf : Keys::Torchvision;
  options.classes = config.at("num_classes").get<int64_t>();
  options.auxiliary = config.value("aux_loss", false);
  options.rates = config.at("atrous_rates").get<std::array<int64_t, 3>>();
  if (config.contains("output_stride")) {
    options.output_stride = config["output_stride"].get<int64_t>();
  } else {
    const auto dilated = config.at("replace_stride_with_dilation").get<std::vector<bool>>();
    options.output_stride = 32 >> std::count(dilated.begin(), dilated.end(), true);
  }
  return options;
}

at::Tensor at_size_of(const at::Tensor& map, const at::Tensor& image) {
  return segmentation::resized(map, image.size(2), image.size(3));
}

Tensors compute_v3(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  nn::Module root;
  const segmentation::DeepLabV3 network(root, "", options_of(fixture));
  fill(root, fixture);
  const at::Tensor image = fixture.input("image");
  const segmentation::DeepLabV3::Maps maps = network.maps(image);
  Tensors outputs = {{"stem", maps.trunk.stem},
                     {"aspp", maps.aspp},
                     {"low_level", maps.trunk.low},
                     {"head", maps.logits},
                     {"logits", at_size_of(maps.logits, image)}};
  outputs["out"] = options_of(fixture).keys == Keys::Vainf ? maps.trunk.high : outputs["logits"];
  for (size_t i = 0; i < 4; ++i) outputs[text("layer", i + 1)] = maps.trunk.layers[i];
  for (size_t i = 0; i < maps.branches.size(); ++i) outputs[text("aspp", i)] = maps.branches[i];
  if (maps.auxiliary.defined()) outputs["aux"] = at_size_of(maps.auxiliary, image);
  return outputs;
}

Tensors compute_v3_plus(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  nn::Module root;
  const segmentation::DeepLabV3Plus network(root, "", options_of(fixture));
  fill(root, fixture);
  const at::Tensor image = fixture.input("image");
  const segmentation::DeepLabV3Plus::Maps maps = network.maps(image);
  return {
      {"low_level", maps.low}, {"out", maps.high}, {"head", maps.logits}, {"logits", at_size_of(maps.logits, image)}};
}

}  // namespace

void add_segmentation_cases(Cases& cases) {
  for (const char* trunk : {"resnet50", "resnet101", "mobilenet"}) {
    cases[text("deeplabv3_", trunk)] = {compute_v3, tolerance_by_size};
    cases[text("VainF deeplabv3_", trunk)] = {compute_v3, tolerance_by_size};
    cases[text("VainF deeplabv3plus_", trunk)] = {compute_v3_plus, tolerance_by_size};
  }
}

}  // namespace weft::conformance
