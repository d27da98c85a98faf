#include "framework/base/text.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/fill.h"
#include <weft/backbones.h>

#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <regex>

namespace weft::conformance {
namespace {

/// Sums of floats in another order than the original's: a ten-thousandth of the largest number, as the data's authors
/// propose.
Tolerance tolerance_of_network(const Fixture& fixture, const std::string& output) {
  const double largest = fixture.stored(output).abs().max().item<double>();
  return {Tolerance::Measure::Largest, 1e-4 * largest + 1e-5};
}

/// The factor of a rule such as "100*inp('clip',shape)".
double factor_of(const Fixture& fixture, const char* input) {
  static const std::regex form("^ *([-+.0-9e]+) *\\* *inp.*");
  const std::string rule = fixture.config().value(input, "");
  std::smatch match;
  return std::regex_match(rule, match, form) ? std::stod(match[1]) : 1;
}

backbones::Tap into(Tensors& outputs) {
  return [&outputs](std::string_view layer, const at::Tensor& map) { outputs[std::string(layer)] = map.clone(); };
}

Tensors compute_i3d(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const auto& config = fixture.config();
  nn::Module root;
  const backbones::I3d network(root, "",
                               {.in = config.value("in_channels", int64_t{3}),
                                .classes = config.value("num_classes", int64_t{400}),
                                .epsilon = config.value("bn_eps", 1e-3)});
  fill(root, fixture.params());
  Tensors outputs;
  const at::Tensor maps = network.maps(fixture.input("clip"), into(outputs));
  if (config.at("avg_pool").is_null()) return outputs;
  outputs["avg_pool"] = backbones::I3d::averages(maps);
  // As the original squeezes: the height, then what has taken its place.
  at::Tensor logits = network.logits(outputs["avg_pool"]);
  for (int i = 0; i < 2; ++i) {
    if (logits.dim() > 3) logits = logits.squeeze(3);
  }
  outputs["logits_t"] = logits;
  outputs["logits_mean"] = logits.mean(2);
  return outputs;
}

Tensors compute_resnext3d(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const auto& config = fixture.config();
  backbones::ResNext3dOptions options{.cardinality = config.at("cardinality"), .classes = config.at("num_classes")};
  options.blocks = config.at("layers").get<std::array<int64_t, 4>>();
  nn::Module root;
  const backbones::ResNext3d network(root, "", options);
  fill(root, fixture.params());
  Tensors outputs;
  const at::Tensor maps = network.maps(fixture.input("clip") * factor_of(fixture, "clip"), into(outputs));
  outputs["features"] = backbones::ResNext3d::features(maps);
  outputs["logits"] = network.logits(outputs["features"]);
  return outputs;
}

Tensors compute_inception(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const auto& config = fixture.config();
  nn::Module root;
  const backbones::InceptionFid network(root, "", config.at("num_classes"), config.at("bn_eps"));
  fill(root, fixture.params());
  const at::Tensor image = (fixture.input("image") + 1) / 2;
  Tensors outputs;
  const at::Tensor resized = config.value("resize_input", true) ? backbones::InceptionFid::resized(image) : image;
  outputs["resized"] = resized;
  const at::Tensor maps =
      network.maps(config.value("normalize_input", true) ? resized * 2 - 1 : resized, into(outputs));
  outputs["pool3"] = maps.mean({2, 3});
  outputs["logits"] = network.logits(outputs["pool3"]);
  return outputs;
}

Tensors compute_lpips(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  using backbones::Lpips;
  const auto net = fixture.config().at("net").get<std::string>() == "vgg" ? Lpips::Net::Vgg : Lpips::Net::Alex;
  nn::Module root;
  const Lpips network(root, "", net, backbones::FiveTaps::Keys::Features);
  Tensors params = fixture.params();
  for (auto& [key, value] : params) {
    if (key.starts_with("lin")) value = value.abs();
  }
  fill(root, params);
  const at::Tensor first = fixture.input("image0"), second = fixture.input("image1");
  Tensors outputs = {{"lpips", network(first, second)},
                     {"lpips_spatial", network.spatial(first, second)},
                     {"lpips_near", network(first, first + 0.05 * second)}};
  const auto layers = network.layers(first, second), features = network.features(first);
  for (size_t i = 0; i < layers.size(); ++i) {
    outputs[text("layer", i)] = layers[i].mean({1, 2, 3});
    outputs[text("feat", i)] = features[i];
  }
  return outputs;
}

}  // namespace

void add_feature_cases(Cases& cases) {
  cases["InceptionI3d"] = {compute_i3d, tolerance_of_network};
  cases["3D ResNeXt-101"] = {compute_resnext3d, tolerance_of_network};
  cases["3D ResNeXt-50"] = {compute_resnext3d, tolerance_of_network};
  cases["InceptionV3 (FID variant)"] = {compute_inception, tolerance_of_network};
  cases["LPIPS v0.1 alex"] = {compute_lpips, tolerance_of_network};
  cases["LPIPS v0.1 vgg"] = {compute_lpips, tolerance_of_network};
}

}  // namespace weft::conformance
