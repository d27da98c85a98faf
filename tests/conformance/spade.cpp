// SPADE: networks, training.
#include "framework/base/text.h"
#include "framework/gan/judgement.h"
#include "framework/testing/node_runner.h"
#include "plugins/spade/generator_network.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/graph_run.h"
#include "tests/conformance/ids.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <c10/core/GradMode.h>

#include <algorithm>

namespace weft::conformance {
namespace {

using nlohmann::json;
using testing::NodeRunner;

Tolerance tolerance_of_network(const Fixture&, const std::string&) {
  return {Tolerance::Measure::Largest, 5e-5};
}

/// What a name such as "spectralspadesyncbatch3x3" says.
struct NormName {
  explicit NormName(std::string name) {
    is_spectral = name.starts_with("spectral");
    if (is_spectral) name = name.substr(8);
    if (name.starts_with("spade")) name = name.substr(5);
    is_instance = name.starts_with("instance");
    if (const size_t by = name.rfind('x'); by != std::string::npos) kernel = std::stoll(name.substr(by + 1));
  }
  bool is_spectral = false, is_instance = false;
  int64_t kernel = 3;
};

spade::GeneratorOptions options_of(const json& config) {
  using Upsampling = spade::GeneratorOptions::Upsampling;
  const NormName norm(config.at("norm_G").get<std::string>());
  const std::string upsampling = config.at("num_upsampling_layers");
  spade::GeneratorOptions options;
  options.features = config.at("ngf").get<int64_t>();
  options.upsampling = upsampling == "most"   ? Upsampling::Most
                       : upsampling == "more" ? Upsampling::More
                                              : Upsampling::Normal;
  options.crop_size = config.at("crop_size").get<int64_t>();
  options.aspect_ratio = config.at("aspect_ratio").get<double>();
  options.uses_code = config.value("use_vae", false);
  options.code = config.value("z_dim", 256);
  options.spade = {.norm = norm.is_instance ? spade::SpadeOptions::Norm::Instance : spade::SpadeOptions::Norm::Batch,
                   .kernel = norm.kernel,
                   .labels = config.at("semantic_nc").get<int64_t>(),
                   .spectral_norm = norm.is_spectral};
  return options;
}

/// The parameters of the node for a configuration.
std::vector<std::pair<std::string, std::string>> param_texts(const json& config) {
  const spade::GeneratorOptions options = options_of(config);
  return {{"features", text(options.features)},
          {"upsampling", text('"', config.at("num_upsampling_layers").get<std::string>(), '"')},
          {"crop_size", text(options.crop_size)},
          {"aspect_ratio", number_text(options.aspect_ratio)},
          {"vae", options.uses_code ? "true" : "false"},
          {"z_dim", text(options.code)},
          {"norm", options.spade.norm == spade::SpadeOptions::Norm::Instance ? "\"instance\"" : "\"batch\""},
          {"kernel", text(options.spade.kernel)},
          {"spectral_norm", options.spade.spectral_norm ? "true" : "false"}};
}

void fill(nn::Module& module, const Tensors& params) {
  for (const auto& [key, parameter] : module.tensors()) parameter->set(params.at(key).clone());
}

Tensors compute_generator(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  nn::Module root;
  const spade::GeneratorNetwork network(root, "", options_of(fixture.config()));
  fill(root, fixture.params());
  root.train(fixture.config().value("mode", "eval") == "train");
  const bool has_code = fixture.description().at("inputs").contains("z");
  const auto maps = network(fixture.input("seg"), has_code ? fixture.input("z") : at::Tensor());
  Tensors outputs{{"head_0", maps.head}, {"out", maps.image}};
  const std::string last = "before_conv_img_first2ch";
  const std::vector<std::string>& names = fixture.output_names();
  if (std::find(names.begin(), names.end(), last) != names.end())
    outputs[last] = at::leaky_relu(maps.last, 0.2).narrow(1, 0, fixture.stored(last).size(1));
  return outputs;
}

Tensors compute_norm(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const json& config = fixture.config();
  const NormName norm(config.at("config_text").get<std::string>());
  nn::Module root;
  const spade::SpadeNorm layer(
      root, "", config.at("norm_nc").get<int64_t>(),
      {.norm = norm.is_instance ? spade::SpadeOptions::Norm::Instance : spade::SpadeOptions::Norm::Batch,
       .kernel = norm.kernel,
       .labels = config.at("label_nc").get<int64_t>()});
  fill(root, fixture.params());
  root.train(config.at("mode") == "train");
  Tensors outputs{{"out", layer(fixture.input("x"), fixture.input("seg"))}};
  for (const auto& [key, parameter] : root.tensors()) outputs["after." + key] = **parameter;
  return outputs;
}

Tensors compute_encoder(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const NormName norm(fixture.config().at("norm_E").get<std::string>());
  NodeRunner node("spade.encoder");
  node.set("features", fixture.config().at("ngf").get<int64_t>()).set("spectral_norm", norm.is_spectral);
  node.set("norm", norm.is_instance ? "instance" : "batch").input("image", fixture.input("image"));
  conformance::fill(node, fixture.params());
  node.run();
  return {{"mu", node.tensor("mean")}, {"logvar", node.tensor("log_variance")}};
}

/// Layers between the first and the last: of `n_layers_D`, the last one is the score's.
int64_t layers_of(const json& config) {
  return config.at("n_layers_D").get<int64_t>() - 1;
}

Tensors compute_discriminator(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const json& config = fixture.config();
  const NormName norm(config.at("norm_D").get<std::string>());
  NodeRunner node("gan.patch_discriminator");
  node.set("variant", "spade").set("scales", config.at("num_D").get<int64_t>()).set("layers", layers_of(config));
  node.set("features", config.at("ndf").get<int64_t>()).set("spectral_norm", norm.is_spectral);
  node.set("norm", norm.is_instance ? "instance" : "batch").set("statistics", statistics_of(config));
  // The file's batch is fake and real values together.
  const std::vector<at::Tensor> halves = fixture.input("x").chunk(2);
  node.input("fake", halves.front()).input("real", halves.back());
  conformance::fill(node, fixture.params());
  const auto judgement = node.run().value("judgement").as<gan::Judgement>();
  Tensors outputs;
  for (size_t scale = 0; scale < judgement.real.size(); ++scale) {
    const auto layers = [&](const gan::Verdict& verdict) {
      std::vector<at::Tensor> all = verdict.features;
      all.push_back(verdict.score);
      return all;
    };
    const auto fake = layers(judgement.fakes.front()[scale]), real = layers(judgement.real[scale]);
    for (size_t layer = 0; layer < fake.size(); ++layer)
      outputs[text("scale", scale, ".layer", layer)] = at::cat({fake[layer], real[layer]});
  }
  return outputs;
}

std::string loss_name(const std::string& original) {
  if (original == "ls") return "least_squares";
  if (original == "original") return "vanilla";
  return original == "w" ? "wasserstein" : original;
}

/// As graphs/spade/train.toml: the generator's step, then the discriminator's on frames made anew.
std::string training_graph(const json& config, int64_t batch) {
  const NormName of_judge(config.at("norm_D").get<std::string>());
  const auto update = [&](const char* name, const char* rate) {
    return text("[update.", name, "]\nof = [\"", name, "\"]\nlr = ", number_text(config.at(rate).get<double>()),
                "\nbetas = [", number_text(config.at("beta1").get<double>()), ", ",
                number_text(config.at("beta2").get<double>()), "]\n[update.", name, ".loss]\n");
  };
  return text(
      "[run]\nbatch = ", batch, "\nchunk = 1\nupdates = \"alternate\"\norder = [\"G\", \"D\"]\n",
      "show = [\"G\"]\n[inputs]\nreal = \"image[B,3,H,W]\"\n",
      "labels = \"labels[B,1,H,W]\"\ninstances = \"instances[B,1,H,W]\"\n",
      "[node.semantics]\nuse = \"semantics.one_hot\"\nin = \"labels\"\nclasses = ",
      config.at("label_nc").get<int64_t>() + (config.value("contain_dontcare_label", false) ? 1 : 0),
      "\n[node.edges]\nuse = \"semantics.edges\"\nin = \"instances\"\n[node.s]\nuse = \"image.concat\"\nin = ",
      config.value("no_instance", false) ? "[\"semantics\"]" : "[\"semantics\", \"edges\"]",
      "\n[node.G]\nuse = \"spade.generator\"\nin.s = \"s\"\n", param_lines(param_texts(config)),
      "[node.D]\nuse = \"gan.patch_discriminator\"\nvariant = \"spade\"\nin.real = \"real\"\nin.fake = [\"G\"]\n",
      "in.conditions = \"s\"\nscales = ", config.at("num_D").get<int64_t>(), "\nlayers = ", layers_of(config),
      "\nfeatures = ", config.at("ndf").get<int64_t>(), "\nspectral_norm = ", of_judge.is_spectral ? "true" : "false",
      "\nnorm = \"", of_judge.is_instance ? "instance" : "batch",
      "\"\n[node.gan]\nuse = \"loss.gan\"\nin = \"D\"\nkind = \"", loss_name(config.at("gan_mode")),
      "\"\nscales = \"mean\"\n[node.match]\nuse = \"loss.feature_matching\"\nin = \"D\"\nlayer_weight = 1\n",
      update("G", "G_lr"), "\"gan.generator\" = 1.0\nmatch = ",
      number_text(config.value("no_ganFeat_loss", false) ? 0 : config.at("lambda_feat").get<double>()), "\n",
      update("D", "D_lr"), "\"gan.fake\" = 1.0\n\"gan.real\" = 1.0\n");
}

Tensors compute_training(const Fixture& fixture) {
  const json& config = fixture.config();
  const at::Tensor image = fixture.input("image");
  const auto map = [&](const char* input, const char* rule) {
    return ids_by_rule(fixture, input, config.at(rule), image.size(2), image.size(3));
  };
  GraphRun run;
  run.text(training_graph(config, image.size(0)));
  run.weights("G", fixture.params_below("netG.")).weights("D", fixture.params_below("netD."));
  const auto steps = static_cast<size_t>(fixture.stored("losses").size(0));
  std::map<std::string, std::vector<Value>> frames;
  frames["real"].assign(steps, image);
  frames["labels"].assign(steps, map("label", "label_rule"));
  frames["instances"].assign(steps, map("inst", "inst_rule"));
  train::Trainer& trainer = run.begin_training();
  Tensors outputs;
  std::vector<at::Tensor> rows;
  trainer.train_clip(frames, {}, [&](const train::ChunkResult& result) {
    static const std::map<std::string, std::string> kNames = {
        {"gan.generator", "GAN"}, {"match", "GAN_Feat"}, {"gan.fake", "D_Fake"}, {"gan.real", "D_real"}};
    std::map<std::string, double> losses;
    for (const train::UpdateResult& update : result.updates)
      for (const auto& loss : update.losses) losses[kNames.at(loss.name)] = loss.weight * loss.value.value_or(0);
    std::vector<double> row;
    for (const std::string column : config.at("columns")) row.push_back(losses.at(column));
    rows.push_back(at::tensor(row, at::kFloat));
    if (rows.size() == 1) outputs["fake_iter0"] = trainer.watched().at("G").values.front().tensor();
  });
  outputs["losses"] = at::stack(rows);
  return outputs;
}

/// The files' README: losses to a thousandth.
Tolerance tolerance_of_training(const Fixture& fixture, const std::string& output) {
  if (output == "fake_iter0") return {Tolerance::Measure::Largest, 5e-5};
  return {Tolerance::Measure::Largest, 1e-3 * fixture.stored(output).abs().max().item<double>()};
}

}  // namespace

void add_spade_cases(Cases& cases) {
  cases["SPADE SPADEGenerator"] = {compute_generator, tolerance_of_network};
  cases["SPADE SPADE layer, train mode, one call"] = {compute_norm, tolerance_of_network};
  cases["SPADE ConvEncoder"] = {compute_encoder, tolerance_of_network};
  cases["SPADE MultiscaleDiscriminator"] = {compute_discriminator, tolerance_of_network};
  cases["SPADE Pix2PixModel: 2 iterations (G step then D step)"] = {compute_training, tolerance_of_training};
}

}  // namespace weft::conformance
