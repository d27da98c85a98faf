// Monkey-Net: keypoints, networks, losses.
#include "framework/base/error.h"
#include "framework/base/text.h"
#include "plugins/monkeynet/detector_network.h"
#include "plugins/monkeynet/discriminator_network.h"
#include "plugins/monkeynet/generator_network.h"
#include "plugins/monkeynet/reconstruction.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/strides.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/softmax.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <regex>

namespace weft::conformance {
namespace {

using monkeynet::EmbeddingOptions;
using monkeynet::Keypoints;
using monkeynet::VarianceOptions;
using nlohmann::json;

/// The files' README.
Tolerance tolerance_of_monkeynet(const Fixture& fixture, const std::string& output) {
  if (output == "deformed" || output == "prediction") return tolerance_of_warped(2e-4);
  return {Tolerance::Measure::Largest, 2e-4 * std::max(1.0, fixture.stored(output).abs().max().item<double>())};
}

/// The number behind a pattern in the notes, such as that of "mean=0.7*inp".
double noted(const Fixture& fixture, const std::string& pattern) {
  const std::string notes = fixture.description().value("notes", "");
  std::smatch match;
  if (!std::regex_search(notes, match, std::regex(pattern + R"(\s*([0-9.]+))")))
    throw Error(Exit::Data, Place{fixture.file()}, text("its notes have nothing like ", pattern));
  return std::stod(match[1]);
}

/// Keypoints by the notes: a multiple of one input, and a A A' + b I of another.
Keypoints keypoints_by_rule(const Fixture& fixture, const std::string& prefix) {
  const at::Tensor a = fixture.input(prefix + "A");
  const at::Tensor squares = at::matmul(a, a.transpose(-1, -2)) * noted(fixture, "var=");
  return {.mean = fixture.input(prefix + "mean") * noted(fixture, "mean="),
          .variance = squares + noted(fixture, R"(A A\^T\s*\+)") * at::eye(2)};
}

/// Variances as matrices, or as the one number that stands for both axes.
at::Tensor as_stored(const Fixture& fixture, const std::string& output, const at::Tensor& variances) {
  const int64_t side = fixture.stored(output).size(-1);
  return variances.narrow(-1, 0, side).narrow(-2, 0, side);
}

Tensors compute_gaussians(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const Keypoints given = keypoints_by_rule(fixture, "");
  const int64_t height = fixture.stored("gaussian").size(3), width = fixture.stored("gaussian").size(4);
  const at::Tensor scores = fixture.input("hm") * noted(fixture, "softmax over H\\*W of");
  const at::Tensor heatmaps = at::softmax(scores, -1).unflatten(-1, {height, width});
  const Keypoints matrix = monkeynet::keypoints_of(heatmaps, {}),
                  single = monkeynet::keypoints_of(heatmaps, {.form = VarianceOptions::Form::Single});
  return {{"gaussian", gaussians(given, height, width)},
          {"smallest_singular", monkeynet::smaller_singular_value(given.variance).unsqueeze(-1)},
          {"mean", matrix.mean},
          {"var", matrix.variance},
          {"mean_single", single.mean},
          {"var_single", as_stored(fixture, "var_single", single.variance)}};
}

Tensors compute_transfer(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const Keypoints driving = keypoints_by_rule(fixture, "v."), source = keypoints_by_rule(fixture, "a.");
  const Keypoints first{.mean = driving.mean.narrow(1, 0, 1), .variance = driving.variance.narrow(1, 0, 1)};
  Tensors outputs;
  const auto add = [&](const std::string& name, const monkeynet::TransferOptions& options) {
    const Keypoints moved = transferred(driving, first, source, options);
    outputs[name + ".mean"] = moved.mean;
    outputs[name + ".var"] = moved.variance;
  };
  add("default", {});
  add("mult", {.scales_motion = true, .clips_means = true});  // this file keeps those means in the frame
  add("var", {.adapts_variance = true});
  return outputs;
}

// ---- networks

monkeynet::HourglassOptions hourglass_of(const json& config, int64_t in) {
  return {.in = in,
          .base = config.at("block_expansion").get<int64_t>(),
          .widest = config.at("max_features").get<int64_t>(),
          .blocks = config.at("num_blocks").get<int64_t>()};
}

/// Options that are left out have the program's defaults; without any there is no embedding.
EmbeddingOptions embedding_of(const json& owner, const char* name, const json& common) {
  EmbeddingOptions options{.keypoints = common.at("num_kp").get<int64_t>(),
                           .image_channels = common.at("num_channels").get<int64_t>()};
  if (!owner.contains(name) || owner[name].is_null()) return options;
  const json& config = owner[name];
  options.has_background = config.value("add_bg_feature_map", false);
  options.has_heatmap = config.value("use_heatmap", true);
  options.has_shift = config.value("use_difference", false);
  options.has_deformed_source = config.value("use_deformed_source_image", false);
  if (config.value("heatmap_type", "gaussian") == "difference") options.heatmap = EmbeddingOptions::Heatmap::Difference;
  if (config.contains("norm_const") && config["norm_const"].is_number()) options.divisor = config["norm_const"];
  options.scale = config.value("scale_factor", 1.0);
  return options;
}

VarianceOptions variance_of(const json& common, const json& detector) {
  const json& form = common.at("kp_variance");
  if (form.is_number()) return {.form = VarianceOptions::Form::Fixed, .fixed = form};
  if (form == "single") return {.form = VarianceOptions::Form::Single};
  VarianceOptions options;
  if (detector.contains("clip_variance") && detector["clip_variance"].is_number())
    options.least = detector["clip_variance"];
  return options;
}

monkeynet::DetectorOptions detector_of(const json& config) {
  const json &common = config.at("common"), &detector = config.at("kp_detector");
  return {.hourglass = hourglass_of(detector, common.at("num_channels")),
          .keypoints = common.at("num_kp"),
          .temperature = detector.at("temperature"),
          .scale = detector.value("scale_factor", 1.0),
          .variance = variance_of(common, detector)};
}

monkeynet::MotionOptions motion_of(const json& config) {
  const json& motion = config.at("generator").at("dense_motion_params");
  monkeynet::MotionOptions options{
      .hourglass = hourglass_of(motion, 0),
      .embedding = embedding_of(motion, "mask_embedding_params", config.at("common")),
      .group_blocks = motion.value("num_group_blocks", int64_t{0}),
      .has_masks = motion.at("use_mask"),
      .has_correction = motion.at("use_correction"),
      .scale = motion.value("scale_factor", 1.0),
  };
  options.embedding.has_background = true;
  return options;
}

monkeynet::GeneratorOptions generator_of(const json& config) {
  using Interpolation = monkeynet::GeneratorOptions::Interpolation;
  const json& generator = config.at("generator");
  return {.hourglass = hourglass_of(generator, config.at("common").at("num_channels")),
          .embedding = embedding_of(generator, "kp_embedding_params", config.at("common")),
          .refinement_blocks = generator.at("num_refinement_blocks"),
          .interpolation = generator.value("interpolation_mode", "nearest") == "nearest" ? Interpolation::Nearest
                                                                                         : Interpolation::Trilinear};
}

monkeynet::DiscriminatorOptions discriminator_of(const json& config) {
  const json& discriminator = config.at("discriminator");
  return {.layers = hourglass_of(discriminator, config.at("common").at("num_channels")),
          .embedding = embedding_of(discriminator, "kp_embedding_params", config.at("common")),
          .scale = discriminator.value("scale_factor", 1.0)};
}

/// All tensors by the rule: the file has each of them, and no others.
void fill(nn::Module& root, const Fixture& fixture, const std::string& prefix) {
  Tensors params = fixture.params_below(prefix, Fixture::FillNames::Rest);
  for (const auto& [key, parameter] : root.tensors()) {
    parameter->set(params.at(key));
    params.erase(key);
  }
  if (!params.empty()) throw Error(Exit::Data, Place{fixture.file()}, text("weft lacks ", params.begin()->first));
  root.train(fixture.config().value("mode", "eval") == "train");
}

/// The frames of an input, in [0, 1]: [B, 3, D, H, W].
at::Tensor clip_of(const Fixture& fixture, const std::string& name) {
  const at::Tensor frames = enlarge8(fixture.input(name));  // [B D, 3, H, W]
  return ((frames + 1) / 2).unflatten(0, {fixture.config().at("B").get<int64_t>(), -1}).transpose(1, 2);
}

Keypoints part(const Keypoints& all, int64_t first, int64_t count) {
  return {.mean = all.mean.narrow(1, first, count), .variance = all.variance.narrow(1, first, count)};
}

void add_losses(const json& weights, const std::vector<at::Tensor>& fake, const std::vector<at::Tensor>& real,
                const at::Tensor& moved, Tensors& outputs) {
  const auto mean = [](const at::Tensor& values) { return values.flatten(1).mean(1); };
  const std::vector<at::Tensor> layers = monkeynet::reconstruction_losses(fake, real, weights.at("reconstruction"));
  for (size_t i = 0; i < layers.size(); ++i) outputs[text("loss.layer-", i, "_rec")] = layers[i];
  outputs["loss.rec_def"] =
      monkeynet::reconstruction_losses({moved}, real, {weights.at("reconstruction_deformed").get<double>()}).front();
  outputs["loss.gen_gan"] = mean((1 - fake.back()).square()) * weights.at("generator_gan").get<double>();
  outputs["loss.disc_gan"] =
      mean((1 - real.back()).square() + fake.back().square()) * weights.at("discriminator_gan").get<double>();
}

Tensors compute_networks(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const json& config = fixture.config();
  const at::Tensor source = clip_of(fixture, "source"), driving = clip_of(fixture, "driving");
  nn::Module detector_root, generator_root, discriminator_root;
  const monkeynet::DetectorNetwork detector(detector_root, "", detector_of(config));
  const monkeynet::MotionNetwork motion(generator_root, "dense_motion_module", motion_of(config));
  const monkeynet::GeneratorNetwork generator(generator_root, "", generator_of(config));
  const monkeynet::DiscriminatorNetwork discriminator(discriminator_root, "", discriminator_of(config));
  fill(detector_root, fixture, "kp_detector:");
  fill(generator_root, fixture, "generator:");
  fill(discriminator_root, fixture, "discriminator:");

  const Keypoints all = detector(at::cat({source, driving}, 2));
  const Keypoints from = part(all, 0, 1), to = part(all, 1, driving.size(2));
  const at::Tensor positions = motion(source, from, to, at::kFloat);
  const auto made = generator(source, positions, from, to, at::kFloat);
  const auto judged = [&](const at::Tensor& frames) { return discriminator(frames, from, to, at::kFloat); };
  const std::vector<at::Tensor> real = judged(driving), fake = judged(made.image);

  Tensors outputs{{"kp_mean", all.mean},
                  {"deformation", at::constant_pad_nd(positions, {0, 1}, 0)},  // the third coordinate
                  {"deformed", made.warped},
                  {"prediction", made.image},
                  {"D_gen.last", fake.back()}};
  const std::vector<std::string>& names = fixture.output_names();
  if (std::find(names.begin(), names.end(), "kp_var") != names.end())  // not of a fixed variance
    outputs["kp_var"] = as_stored(fixture, "kp_var", all.variance);
  const at::Tensor embedding = embedded(source, from, to, generator_of(config).embedding);
  if (embedding.defined()) outputs["embedding"] = embedding;
  for (size_t i = 1; i < real.size(); ++i) outputs[text("D_real.", i)] = real[i];
  add_losses(config.at("loss_weights"), fake, real, made.warped, outputs);
  return strided(fixture, std::move(outputs));
}

}  // namespace

void add_monkeynet_cases(Cases& cases) {
  cases["kp2gaussian / gaussian2kp / smallest_singular"] = {compute_gaussians, tolerance_of_monkeynet};
  cases["normalize_kp"] = {compute_transfer, tolerance_of_monkeynet};
  cases["monkey-net: KPDetector + MotionTransferGenerator + Discriminator"] = {compute_networks,
                                                                               tolerance_of_monkeynet};
}

}  // namespace weft::conformance
