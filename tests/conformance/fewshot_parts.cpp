// Parts of few-shot vid2vid, each by itself.
#include "framework/base/text.h"
#include "framework/testing/node_runner.h"
#include "framework/vision/warp.h"
#include "plugins/fewshot/flow_network.h"
#include "plugins/fewshot/label_embedder.h"
#include "plugins/fewshot/reference.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/fewshot_config.h"
#include "tests/conformance/strides.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/eye.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <regex>

namespace weft::conformance {
namespace {

using nlohmann::json;
using testing::NodeRunner;

/// The files' README: 2e-4 of what is stored, at least 1; of sums over many weights the largest number counts.
Tolerance tolerance_of_part(const Fixture& fixture, const std::string& output) {
  const double largest = fixture.stored(output).abs().max().item<double>();
  return {Tolerance::Measure::Largest, 2e-4 * std::max(1.0, largest)};
}

void fill(nn::Module& module, const Tensors& params) {
  for (const auto& [key, parameter] : module.tensors()) parameter->set(params.at(key).clone());
}

void set_mode(nn::Module& module, const Fixture& fixture) {
  module.train(fixture.config().value("mode", "eval") == "train");
}

fewshot::Norms norms_of(const std::string& name) {
  const FewShotNorm norm(name);
  return {.kind = norm.is_instance ? nn::NormOptions::Kind::Instance : nn::NormOptions::Kind::Batch,
          .spectral_norm = norm.is_spectral};
}

Tensors compute_batch_conv(const Fixture& fixture) {
  const fewshot::SampleKernels kernels{fixture.input("w"), fixture.input("b")};
  Tensors outputs;
  for (const std::string& name : fixture.output_names())  // "stride2"
    outputs[name] = fewshot::convolve_samples(fixture.input("x"), kernels, std::stoll(name.substr(6)));
  return outputs;
}

Tensors compute_resample(const Fixture& fixture) {
  const auto scale = fixture.config().at("flow_scale").get<double>();
  return {{"out", vision::warp(fixture.input("image"), fixture.input("flow") * scale)}};
}

Tensors compute_roll(const Fixture& fixture) {
  static const std::regex kName("ny([0-9]+)_nx([0-9]+)(_flip)?");
  Tensors outputs;
  for (const std::string& name : fixture.output_names()) {
    std::smatch match;
    if (!std::regex_match(name, match, kName)) continue;
    outputs[name] = fewshot::rolled(fixture.input("x"), std::stoll(match[1]), std::stoll(match[2]),
                                    match[3].matched ? fewshot::Mirror::Yes : fewshot::Mirror::No);
  }
  return outputs;
}

/// Evaluation, then a step of the power iteration.
Tensors compute_spectral_conv(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const json& config = fixture.config();
  const auto kernel = config.at("k").get<int64_t>();
  nn::Module root;
  nn::ConvOptions options = fewshot::conv_options(config.at("fin"), config.at("fout"), kernel, true);
  options.padding = config.value("padding", kernel / 2);
  const nn::Conv2d conv(root, "conv", options);
  fill(root, fewshot_params(fixture));
  Tensors outputs{{"eval", conv(fixture.input("x"))}};
  root.train(true);
  outputs["train"] = conv(fixture.input("x"));
  for (const auto& [key, parameter] : root.tensors()) {
    if (key == "conv.weight_u") outputs["u_after"] = **parameter;
    if (key == "conv.weight_v") outputs["v_after"] = **parameter;
  }
  return outputs;
}

fewshot::BlockOptions block_options(const json& config, const std::vector<int64_t>& hidden, bool is_generated) {
  fewshot::BlockOptions options{.norms = norms_of(config.at("norm")), .hidden = hidden, .is_generated = is_generated};
  options.kernel = config.value("conv_ks", 3);
  options.map_kernel = config.value("ks", config.value("spade_ks", 1));
  return options;
}

std::vector<int64_t> hidden_of(const json& number_or_list) {
  if (number_or_list.is_array()) return number_or_list.get<std::vector<int64_t>>();
  const auto one = number_or_list.get<int64_t>();
  return one > 0 ? std::vector<int64_t>{one} : std::vector<int64_t>();
}

/// The maps that a file has: "map0" …, or "label".
std::vector<at::Tensor> maps_of(const Fixture& fixture, size_t count) {
  const json& inputs = fixture.description().at("inputs");
  std::vector<at::Tensor> maps;
  for (size_t index = 0; index < count; ++index) {
    const std::string name = text("map", index);
    const bool is_label = index == 0 && inputs.contains("label");
    maps.push_back(inputs.contains(name) ? fixture.input(name) : is_label ? fixture.input("label") : at::Tensor());
  }
  return maps;
}

Tensors compute_spade(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const json& config = fixture.config();
  const std::vector<int64_t> hidden = hidden_of(config.at("hidden_nc"));
  const bool is_generated = config.value("params_free", false);
  nn::Module root;
  const fewshot::BlockNorm norm(root, "", config.at("norm_nc"), block_options(config, hidden, is_generated));
  fill(root, fewshot_params(fixture));
  set_mode(root, fixture);
  fewshot::Modulation modulation;
  if (is_generated) {
    modulation = {{fixture.input("gw"), fixture.input("gb")}, {fixture.input("bw"), fixture.input("bb")}};
  }
  return {{"out", norm(fixture.input("x"), maps_of(fixture, hidden.size()), is_generated ? &modulation : nullptr)}};
}

Tensors compute_block(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const json& config = fixture.config();
  const FewShotNorm norm(config.at("norm"));
  const std::vector<int64_t> hidden = norm.is_spade ? hidden_of(config.at("hidden_nc")) : std::vector<int64_t>();
  nn::Module root;
  const fewshot::ResidualBlock block(root, "", config.at("fin"), config.at("fout"), config.value("stride", 1),
                                     block_options(config, hidden, false));
  fill(root, fewshot_params(fixture));
  set_mode(root, fixture);
  return {{"out", block(fixture.input("x"), maps_of(fixture, hidden.size()))}};
}

fewshot::EmbedderOptions::Form form_of(const std::string& name) {
  using Form = fewshot::EmbedderOptions::Form;
  return name == "encoder" ? Form::Encoder : name == "unet" ? Form::Unet : Form::EncoderDecoder;
}

fewshot::Pyramid pyramid_of(const json& config) {
  return {.features = config.at("ngf").get<int64_t>(), .down = config.value("n_downsample_G", int64_t{5})};
}

Tensors compute_embedder(const Fixture& fixture) {
  constexpr double kWeightFactor = 0.3;  // of the generated weights, in the file's notes
  const c10::NoGradGuard no_gradients;
  const json& config = fixture.config();
  const fewshot::EmbedderOptions options{.in = config.at("input_nc"),
                                         .pyramid = pyramid_of(config),
                                         .form = form_of(config.at("netS")),
                                         .generated = config.value("params_free_layers", 0)};
  nn::Module root;
  const fewshot::LabelEmbedder embedder(root, "", options);
  fill(root, fewshot_params(fixture));
  std::vector<fewshot::SampleKernels> kernels;
  for (int64_t layer = 0; layer < options.generated; ++layer)
    kernels.push_back({fixture.input(text('w', layer)) * kWeightFactor, fixture.input(text('b', layer))});
  const std::vector<at::Tensor> maps = embedder(fixture.input("x"), kernels);
  Tensors outputs;
  for (size_t level = 0; level < maps.size(); ++level) outputs[text("out", level)] = maps[level];
  return outputs;
}

Tensors compute_flow(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const json& config = fixture.config();
  const auto labels = config.at("input_nc").get<int64_t>(), frames = config.value("n_frames_G", int64_t{2}) - 1;
  NodeRunner node("fewshot.flow");
  const FewShotNorm norm(config.value("norm_F", "spectralsyncbatch"));
  node.set("features", config.at("nff").get<int64_t>()).set("down", config.at("n_downsample_F").get<int64_t>());
  node.set("blocks", config.at("n_blocks_F").get<int64_t>()).set("range", config.value("flow_multiplier", 20.0));
  node.set("norm", norm.kind()).set("spectral_norm", norm.is_spectral);
  node.input("label", fixture.input("label"));
  for (int64_t frame = 0; frame < frames; ++frame) {
    node.input("labels", fixture.input("label_prev").narrow(1, frame * labels, labels));
    node.input("images", fixture.input("img_prev").narrow(1, frame * 3, 3));
  }
  const Tensors params = fewshot_params(fixture);
  const std::string prefix = "flow_network_ref.";
  for (const auto& [key, parameter] : node.module().tensors()) parameter->set(params.at(key.substr(prefix.size())));
  node.context().set_training(config.value("mode", "eval") == "train");
  node.run();
  return {{"flow", node.tensor("flow")}, {"mask", node.tensor("mask")}};
}

/// A node of the reference encoder with the options of a generator's config.
void set_reference(NodeRunner& node, const json& config) {
  const FewShotNorm norm(config.value("norm_G", "spectralspadesyncbatch"));
  node.set("features", config.at("ngf").get<int64_t>()).set("norm", norm.kind());
  node.set("spectral_norm", norm.is_spectral);
}

void fill(NodeRunner& node, const Tensors& params) {
  conformance::fill(node.module(), params);
}

Tensors compute_attention(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const json& config = fixture.config();
  const Tensors params = fewshot_params(fixture);
  const auto shots = config.at("n_shot").get<int64_t>(), down = config.value("n_downsample_A", int64_t{2});
  const auto of_examples = [&](const char* name) { return fixture.input(name).unflatten(0, {-1, shots}); };
  NodeRunner keys("fewshot.attention_keys"), attention("fewshot.attention");
  for (NodeRunner* node : {&keys, &attention}) {
    set_reference(*node, config);
    node->set("attention_down", down);
  }
  keys.input("label", of_examples("label_ref"));
  fill(keys, params);
  keys.run();
  attention.input("label", fixture.input("label")).input("keys", keys.tensor("keys"));
  attention.input("feature", of_examples("x"));
  fill(attention, params);
  attention.run();
  const at::Tensor shown = attention.tensor("attention");
  // The attention itself, [B, K*h*w, h*w], is the node's output for features that are one pixel each.
  const int64_t pixels = shown.size(2) * shown.size(3), places = shots * pixels;
  const at::Tensor each = at::eye(places).view({1, places, shots, shown.size(2), shown.size(3)}).transpose(1, 2);
  NodeRunner again("fewshot.attention");
  set_reference(again, config);
  again.set("attention_down", down).input("label", fixture.input("label")).input("keys", keys.tensor("keys"));
  again.input("feature", each.expand({shown.size(0), -1, -1, -1, -1}).contiguous());
  fill(again, params);
  again.run();
  return strided(fixture, {{"attention", again.tensor("feature").flatten(2)},
                           {"out", attention.tensor("feature")},
                           {"atn_vis", shown.narrow(0, shown.size(0) - 1, 1).narrow(1, 0, 1)},
                           {"atn_sum", shown.sum({2, 3})},
                           {"ref_idx", attention.tensor("which").to(at::kFloat)}});
}

fewshot::GeneratedOptions generated_options(const json& config) {
  fewshot::GeneratedOptions options{.pyramid = pyramid_of(config)};
  options.labels = config.value("use_label_ref", "mul") == "mul" ? fewshot::ExampleLabels::Product
                                                                 : fewshot::ExampleLabels::Concatenation;
  options.conv = config.value("adaptive_conv", false);
  options.embedding = !config.value("no_adaptive_embed", false);
  options.layers = config.value("n_adaptive_layers", int64_t{4});
  options.map_kernel = config.value("spade_ks", int64_t{1});
  options.embedding_kernel = config.value("embed_ks", int64_t{1});
  return options;
}

void add_kernels(Tensors& outputs, const std::string& name, const std::optional<fewshot::Modulation>& modulation) {
  if (!modulation) return;
  for (const auto& [of, kernels] : {std::pair{"gamma", &modulation->gamma}, std::pair{"beta", &modulation->beta}}) {
    outputs[text(name, '.', of, "_w")] = kernels->weight;
    outputs[text(name, '.', of, "_b")] = kernels->bias;
  }
}

Tensors compute_weights(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const json& config = fixture.config();
  const fewshot::GeneratedOptions generated = generated_options(config);
  const fewshot::Norms norms = norms_of(config.value("norm_G", "spectralspadesyncbatch"));
  const at::Tensor images = fixture.input("img_refs").select(1, 0), labels = fixture.input("label_refs").select(1, 0);
  fewshot::ReferenceTowers::Options options{.pyramid = generated.pyramid, .norms = norms, .labels = generated.labels};
  options.residual = config.value("res_for_ref", false);
  options.end = options.pyramid.down;
  options.label_channels = labels.size(1);
  nn::Module root;
  const fewshot::ReferenceTowers towers(root, options);
  const fewshot::ReferenceDecoder decoder(root, options);
  const fewshot::WeightGenerator generator(root, generated, norms, config.value("n_fc_layers", int64_t{2}));
  fill(root, fewshot_params(fixture));
  set_mode(root, fixture);
  const at::Tensor bottom = towers(towers.first(images, labels));
  const std::vector<at::Tensor> encoded = decoder(bottom);
  const at::Tensor all = generator(encoded);
  Tensors outputs{{"bottleneck", bottom.narrow(1, 0, options.pyramid.channels(options.pyramid.down))}};
  for (size_t level = 0; level < encoded.size(); ++level) {
    // The original keeps the product as a map of one column.
    const bool is_product = options.labels == fewshot::ExampleLabels::Product;
    outputs[text("encoded_ref", level)] = is_product ? encoded[level].unsqueeze(3) : encoded[level];
  }
  const fewshot::GeneratedLayout& layout = generator.layout();
  for (int64_t level = 0; level < generated.in_blocks(); ++level) {
    const fewshot::BlockKernels block = layout.block(all, level);
    add_kernels(outputs, text('L', level, ".n0"), block.norm_0);
    add_kernels(outputs, text('L', level, ".n1"), block.norm_1);
    add_kernels(outputs, text('L', level, ".ns"), block.norm_s);
  }
  const std::vector<fewshot::SampleKernels> embedder = layout.embedder(all);
  for (size_t level = 0; level < embedder.size(); ++level) {
    outputs[text("embed_w", level)] = embedder[level].weight;
    outputs[text("embed_b", level)] = embedder[level].bias;
  }
  return strided(fixture, std::move(outputs));
}

}  // namespace

void add_fewshot_part_cases(Cases& cases) {
  cases["batch_conv"] = {compute_batch_conv, tolerance_of_part};
  cases["resample"] = {compute_resample, tolerance_of_part};
  cases["roll"] = {compute_roll, tolerance_of_part};
  cases["SPADEConv2d.conv"] = {compute_spectral_conv, tolerance_of_part};
  cases["SPADE"] = {compute_spade, tolerance_of_part};
  cases["SPADEResnetBlock"] = {compute_block, tolerance_of_part};
  cases["LabelEmbedder"] = {compute_embedder, tolerance_of_part};
  cases["FlowGenerator"] = {compute_flow, tolerance_of_part};
  cases["FewShotGenerator.attention_module"] = {compute_attention, tolerance_of_part};
  cases["FewShotGenerator.reference_encoding + get_SPADE_weights"] = {compute_weights, tolerance_of_part};
}

}  // namespace weft::conformance
