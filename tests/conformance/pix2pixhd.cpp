// pix2pixHD: networks, inputs, training.
#include "framework/base/text.h"
#include "framework/gan/judgement.h"
#include "framework/nn/resnet_stack.h"
#include "framework/testing/node_runner.h"
#include "plugins/pix2pixhd/region_samples.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/graph_run.h"
#include "tests/conformance/ids.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <c10/core/GradMode.h>

namespace weft::conformance {
namespace {

using nlohmann::json;
using testing::NodeRunner;

/// Rounding of float sums; the files' README: float and double of the originals differ by at most 8e-6.
Tolerance tolerance_of_network(const Fixture&, const std::string&) {
  return {Tolerance::Measure::Largest, 5e-5};
}

std::string norm_of(const json& config) {
  return config.value("norm", std::string("instance")).starts_with("batch") ? "batch" : "instance";
}

NodeRunner& with_norm(NodeRunner& node, const json& config) {
  return node.set("norm", norm_of(config)).set("statistics", statistics_of(config));
}

/// A file may keep the first channels of a map alone.
at::Tensor as_kept(const Fixture& fixture, const std::string& output, const at::Tensor& map) {
  return map.narrow(1, 0, fixture.stored(output).size(1));
}

nn::ResnetStack::Body body_of(const json& config) {
  const auto number = [&](const char* name) { return config.at(name).get<int64_t>(); };
  nn::NormOptions norm{.kind = nn::NormOptions::Kind::Instance, .running = false};
  if (norm_of(config) == "batch") norm = {.statistics = nn::NormOptions::Statistics::ByMode};
  return {.in = number("input_nc"),
          .features = number("ngf"),
          .down = number("n_downsampling"),
          .blocks = number("n_blocks"),
          .norm = norm};
}

Tensors compute_global(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const json& config = fixture.config();
  const nn::ResnetStack::Body body = body_of(config);
  NodeRunner node("pix2pixhd.global_generator");
  with_norm(node, config).set("features", body.features).set("down", body.down).set("blocks", body.blocks);
  node.input("s", fixture.input("x"));
  fill(node, fixture.params());
  Tensors outputs{{"out", node.run().tensor("image")}};
  nn::Module root;
  nn::ResnetStack model(root, "model");
  model.body(body).head(body.features, 3, nn::ResnetStack::Activation::Tanh);
  const Tensors params = fixture.params();
  for (const auto& [key, parameter] : root.tensors()) parameter->set(params.at(key));
  for (const std::string& name : fixture.output_names()) {
    if (!name.starts_with("model.")) continue;
    const auto end = static_cast<size_t>(std::stoll(name.substr(6))) + 1;
    outputs[name] = as_kept(fixture, name, model.part(fixture.input("x"), 0, end));
  }
  return outputs;
}

/// The global generator on the smallest map, then a node for each enhancer.
Tensors compute_local(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const json& config = fixture.config();
  const auto number = [&](const char* name) { return config.at(name).get<int64_t>(); };
  const int64_t levels = number("n_local_enhancers"), features = number("ngf");
  std::vector<at::Tensor> pyramid{fixture.input("x")};
  for (int64_t i = 0; i < levels; ++i)
    pyramid.push_back(NodeRunner("image.half").input("in", pyramid.back()).run().tensor("half"));
  NodeRunner global("pix2pixhd.global_features");
  with_norm(global, config).set("features", features << levels).set("down", number("n_downsample_global"));
  global.set("blocks", number("n_blocks_global")).input("s", pyramid.back());
  const Tensors params = fixture.params();
  fill(global, params);
  at::Tensor below = global.run().tensor("feature");
  Tensors outputs{{"coarse_input", pyramid.back()}, {"global_features", below}};
  for (int64_t level = 1; level <= levels; ++level) {
    const bool is_last = level == levels;
    NodeRunner node(is_last ? "pix2pixhd.local_enhancer" : "pix2pixhd.local_features");
    with_norm(node, config).set("level", level).set("features", features << (levels - level));
    node.set("blocks", number("n_blocks_local")).input("below", below);
    node.input("s", pyramid[static_cast<size_t>(levels - level)]);
    fill(node, params);
    below = node.run().tensor(is_last ? "image" : "feature");
  }
  outputs["out"] = below;
  return outputs;
}

struct EncoderNode : NodeRunner {
  EncoderNode(const json& config, const at::Tensor& image, const at::Tensor& instances)
      : NodeRunner("pix2pixhd.encoder") {
    with_norm(*this, config).set("features", config.at("ngf").get<int64_t>());
    set("down", config.at("n_downsampling").get<int64_t>()).set("out", config.at("output_nc").get<int64_t>());
    input("image", image).input("instances", instances);
  }
};

Tensors compute_encoder(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const at::Tensor image = fixture.input("image");
  const at::Tensor instances =
      ids_by_rule(fixture, "inst", fixture.config().at("inst_rule"), image.size(2), image.size(3));
  EncoderNode node(fixture.config(), image, instances);
  fill(node, fixture.params());
  node.run();
  return {{"features", node.tensor("map")}, {"pooled", node.tensor("feature")}, {"inst", instances.to(at::kFloat)}};
}

Tensors compute_discriminator(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const json& config = fixture.config();
  const bool has_features = config.value("getIntermFeat", true);
  NodeRunner node("gan.patch_discriminator");
  node.set("variant", "pix2pixHD").set("scales", config.at("num_D").get<int64_t>());
  node.set("layers", config.at("n_layers").get<int64_t>()).set("features", config.at("ndf").get<int64_t>());
  with_norm(node, config).set("feature_matching", has_features);
  node.input("real", fixture.input("x")).input("fake", fixture.input("x"));
  fill(node, fixture.params());
  const std::vector<gan::Verdict> verdicts = node.run().value("judgement").as<gan::Judgement>().fakes.front();
  // Scores are logits here; the original's last stage, which it has without features alone, squashes them.
  const bool squashes = config.value("use_sigmoid", false) && !has_features;
  Tensors outputs;
  for (size_t scale = 0; scale < verdicts.size(); ++scale) {
    std::vector<at::Tensor> layers = verdicts[scale].features;
    layers.push_back(squashes ? at::sigmoid(verdicts[scale].score) : verdicts[scale].score);
    for (size_t layer = 0; layer < layers.size(); ++layer)
      outputs[text("scale", scale, ".layer", layer)] = layers[layer];
  }
  return outputs;
}

Tensors compute_inputs(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const json& config = fixture.config();
  const at::Tensor labels = ids_by_rule(fixture, "label", config.at("label_rule"));
  NodeRunner edges("semantics.edges"), semantics("semantics.one_hot");
  semantics.set("classes", config.at("label_nc").get<int64_t>()).input("labels", labels).run();
  edges.input("instances", ids_by_rule(fixture, "inst", config.at("inst_rule"))).run();
  Tensors outputs{{"edge", edges.tensor("edges")}};
  NodeRunner joined("image.concat");
  joined.input("in", semantics.tensor("semantics")).input("in", edges.tensor("edges"));
  outputs["input_label"] = joined.run().tensor("conditions");
  const at::Tensor given = fixture.stored("encode_features.inst");
  EncoderNode encoder(config.at("encoder"), fixture.input("image"), given.to(at::kLong));
  fill(encoder, fixture.params());
  const at::Tensor features = encoder.run().tensor("feature");
  outputs["encode_features.inst"] = given;
  for (const auto& [of, rows] : pix2pixhd::region_samples(features[0], given[0][0]))
    outputs[text("encode_features.label", of)] = rows;
  return outputs;
}

/// The graph of one training configuration: as graphs/pix2pixhd/train.toml, with an encoder.
std::string training_graph(const json& config) {
  const std::string g = config.at("netG"), d = config.at("netD"), e = config.value("netE", "");
  const bool has_features = config.value("instance_feat", false);
  const std::vector<double> betas = config.at("betas");
  return text(
      "[run]\nchunk = 1\nshow = [\"G.image\", \"gan.real\", \"gan.fake\"]\n[inputs]\nreal = \"image[B,3,H,W]\"\n"
      "labels = \"labels[B,1,H,W]\"\ninstances = \"instances[B,1,H,W]\"\n"
      "[node.semantics]\nuse = \"semantics.one_hot\"\nin = \"labels\"\nclasses = ",
      config.at("label_nc").get<int64_t>(),
      "\n[node.edges]\nuse = \"semantics.edges\"\nin = \"instances\"\n"
      "[node.given]\nuse = \"image.concat\"\nin = [\"semantics\", \"edges\"]\n",
      has_features
          ? text("[node.E]\nuse = \"pix2pixhd.encoder\"\nin.image = \"real\"\nin.instances = \"instances\"\nout = ",
                 config.at("feat_num").get<int64_t>(), "\nfeatures = ", number_behind(e, "ngf"), "\ndown = ",
                 number_behind(e, "down"), "\n[node.s]\nuse = \"image.concat\"\nin = [\"given\", \"E.feature\"]\n")
          : "[stream]\ns = \"given\"\n",
      "[node.G]\nuse = \"pix2pixhd.global_generator\"\nin.s = \"s\"\nfeatures = ", number_behind(g, "ngf"),
      "\ndown = ", number_behind(g, "down"), "\nblocks = ", number_behind(g, "blocks"),
      "\n[node.D]\nuse = \"gan.patch_discriminator\"\nvariant = \"pix2pixHD\"\nnorm = \"instance\"\nin.real = "
      "\"real\"\n"
      "in.fake = [\"G.image\"]\nin.conditions = \"given\"\nfeatures = ",
      number_behind(d, "ndf"), "\nlayers = ", number_behind(d, "n_layers"), "\nscales = ", number_behind(d, "num_D"),
      "\n[node.gan]\nuse = \"loss.gan\"\nin = \"D\"\n[node.match]\nuse = \"loss.feature_matching\"\nin = \"D\"\n"
      "[update.G]\nof = [\"G\"",
      has_features ? ", \"E\"" : "", "]\nlr = ", number_text(config.at("lr").get<double>()), "\nbetas = [",
      number_text(betas[0]), ", ", number_text(betas[1]),
      "]\n[update.G.loss]\n\"gan.generator\" = 1.0\nmatch = ", number_text(config.at("lambda_feat").get<double>()),
      "\n[update.D]\nof = [\"D\"]\nlr = ", number_text(config.at("lr").get<double>()), "\nbetas = [",
      number_text(betas[0]), ", ", number_text(betas[1]), "]\n[update.D.loss]\n\"gan.discriminator\" = 0.5\n");
}

/// The mean sizes of the gradients after the first step, in the order of the generator's parameters: Adam's mean is the
/// gradient times what it forgets.
at::Tensor gradient_sizes(const train::Trainer& trainer, const json& config) {
  const std::string g = config.at("netG");
  nn::Module root;
  nn::ResnetStack model(root, "model");
  const int64_t features = number_behind(g, "ngf");
  model
      .body({.in = 1,
             .features = features,
             .down = number_behind(g, "down"),
             .blocks = number_behind(g, "blocks"),
             .norm = {.kind = nn::NormOptions::Kind::Instance, .running = false}})
      .head(features, 3, nn::ResnetStack::Activation::Tanh);
  const Archive::Entries entries = trainer.learnt().save();
  std::vector<at::Tensor> sizes;
  for (const auto& [key, parameter] : root.tensors()) {
    for (const auto& [name, tensor] : entries) {
      if (name.starts_with("update/G/adam/first/G") && name.ends_with('/' + key)) sizes.push_back(tensor.abs().mean());
    }
  }
  return at::stack(sizes) / (1 - config.at("betas").at(0).get<double>());
}

Tensors compute_training(const Fixture& fixture) {
  const json& config = fixture.config();
  const at::Tensor image = fixture.input("image");
  GraphRun run;
  run.text(training_graph(config));
  for (const char* network : {"G", "D", "E"}) {
    const Tensors params = fixture.params_below(text("net", network, '.'));
    if (!params.empty()) run.weights(network, params);
  }
  const auto steps = static_cast<size_t>(fixture.stored("losses").size(0));
  std::map<std::string, std::vector<Value>> frames;
  frames["real"].assign(steps, image);
  frames["labels"].assign(steps, ids_by_rule(fixture, "label", config.at("label_rule"), image.size(2), image.size(3)));
  frames["instances"].assign(steps, ids_by_rule(fixture, "inst", config.at("inst_rule"), image.size(2), image.size(3)));
  train::Trainer& trainer = run.begin_training();
  Tensors outputs;
  std::vector<at::Tensor> rows;
  trainer.train_clip(frames, {}, [&](const train::ChunkResult& result) {
    std::map<std::string, double> losses{{"D_real", result.watched.at("gan.real")},
                                         {"D_fake", result.watched.at("gan.fake")}};
    for (const auto& loss : result.updates.front().losses)
      losses[loss.name == "match" ? "G_GAN_Feat" : "G_GAN"] = loss.weight * loss.value.value_or(0);
    std::vector<double> row;
    for (const std::string column : config.at("columns")) row.push_back(losses.at(column));
    rows.push_back(at::tensor(row, at::kFloat));
    if (rows.size() > 1) return;
    outputs["fake_iter0"] = trainer.watched().at("G.image").values.front().tensor();
    outputs["gradG_absmean_iter0"] = gradient_sizes(trainer, config);
  });
  outputs["losses"] = at::stack(rows);
  return outputs;
}

/// The files' README: losses to a thousandth; the mean size of gradients to a hundredth, since single ones flip at the kinks
/// of ReLU.
Tolerance tolerance_of_training(const Fixture& fixture, const std::string& output) {
  if (output == "fake_iter0") return {Tolerance::Measure::Largest, 5e-5};
  const double largest = fixture.stored(output).abs().max().item<double>();
  return {Tolerance::Measure::Largest, (output == "losses" ? 1e-3 : 1e-2) * largest};
}

}  // namespace

void add_pix2pixhd_cases(Cases& cases) {
  cases["pix2pixHD GlobalGenerator"] = {compute_global, tolerance_of_network};
  cases["pix2pixHD LocalEnhancer"] = {compute_local, tolerance_of_network};
  cases["pix2pixHD Encoder"] = {compute_encoder, tolerance_of_network};
  cases["pix2pixHD MultiscaleDiscriminator"] = {compute_discriminator, tolerance_of_network};
  cases["pix2pixHD encode_input / get_edges / encode_features"] = {compute_inputs, tolerance_of_network};
  cases["pix2pixHD: 3 training iterations (losses before each update)"] = {compute_training, tolerance_of_training};
}

}  // namespace weft::conformance
