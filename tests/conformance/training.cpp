// Whole iterations of training, as a graph of this format: losses and gradients over several chunks.
#include "framework/base/text.h"
#include "framework/testing/node_runner.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/generator_graph.h"
#include "tests/conformance/graph_run.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/floor.h>
#include <ATen/ops/full.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>

namespace weft::conformance {
namespace {

using nlohmann::json;

/// The loop of NVIDIA's train.py for one configuration.
struct Loop {
  explicit Loop(const json& of) : config(of), generator(GeneratorConfig::of(of)) {
    // The whole first chunk is drawn without warping where nothing is given.
    if (has_no_first()) generator.raw_until = generator.past + load();
  }

  bool has_labels() const { return config.at("label_nc").get<int64_t>() > 0; }
  bool has_no_first() const { return config.at("no_first_img"); }
  bool is_finest_alone() const { return config.at("niter_fix_global").get<int64_t>() != 0; }
  int64_t load() const { return config.at("n_frames_load"); }
  int64_t scales() const { return generator.scales; }
  double beta1() const { return config.at("TTUR").get<bool>() ? 0 : config.at("beta1").get<double>(); }

  std::string inputs() const;
  std::string networks() const;
  std::string losses() const;
  std::string updates() const;
  std::string graph() const { return inputs() + networks() + losses() + updates(); }

  json config;
  GeneratorConfig generator;
};

std::string Loop::inputs() const {
  return text(
      "[run]\nchunk = ", load(), "\nbptt = ", config.at("n_frames_bp").get<int64_t>(),
      "\nshow = [\"F.image\", \"fake_before\", \"gan.real\", \"gan.fake\", \"gan_T.real\", \"gan_T.fake\"]\n[inputs]\n",
      "real = \"image[B,3,H,W]\"\ngiven = \"image[B,3,H,W]\"\nflow = \"flow[B,2,H,W]\"\nconfidence = "
      "\"mask[B,1,H,W]\"\n",
      has_labels() ? "labels = \"labels[B,1,H,W]\"\ninstances = \"instances[B,1,H,W]\"\n"
                   : text("s = \"conditions[B,", config.at("input_nc").get<int64_t>(), ",H,W]\"\n"),
      "[stream]\nfake = \"F.image\"\nfake_before = \"real[t-1] before ", generator.past + 1, " else before_fake\"\n");
}

std::string Loop::networks() const {
  std::string graph;
  if (has_labels()) {
    graph +=
        text("[node.semantics]\nuse = \"semantics.one_hot\"\nin = \"labels\"\nclasses = ",
             config.at("label_nc").get<int64_t>(),
             "\n[node.edges]\nuse = \"semantics.edges\"\nin = \"instances\"\n[node.s]\nuse = \"image.concat\"\nin = "
             "[\"semantics\", \"edges\"]\n");
  }
  if (generator.has_foreground) {
    graph += text("[node.cars]\nuse = \"semantics.mask\"\nin = \"labels\"\nclasses = [",
                  config.at("fg_labels").front().get<int64_t>(), "]\n");
  }
  graph += generator_node(generator) + "in.s = \"s\"\nin.given = \"given\"\n" +
           (generator.has_foreground ? "in.foreground = \"cars\"\n" : "");
  const std::string shape = text("features = ", config.at("ndf").get<int64_t>(),
                                 "\nscales = ", config.at("num_D").get<int64_t>(), "\nfold = \"chunk\"\n");
  return graph +
         "[node.before_fake]\nuse = \"vid2vid.frames_before\"\nin = \"fake\"\nfold = \"chunk\"\n"
         "[node.D]\nuse = \"gan.patch_discriminator\"\nin.real = \"real\"\nin.fake = [\"fake\", \"F.raw\"]\n"
         "in.conditions = \"s\"\n" +
         shape +
         "[node.D_T0]\nuse = \"gan.patch_discriminator\"\nin.real = \"real[t-2..t]\"\nin.fake = [\"fake[t-2..t]\"]\n"
         "in.conditions = \"flow[t-1..t]\"\nevery = 3\n" +
         shape;
}

std::string Loop::losses() const {
  return "[node.gan]\nuse = \"loss.gan\"\nin = \"D\"\nfold = \"chunk\"\n"
         "[node.match]\nuse = \"loss.feature_matching\"\nin = \"D\"\nfold = \"chunk\"\n"
         "[node.gan_T]\nuse = \"loss.gan\"\nin = \"D_T0\"\nfold = \"chunk\"\n"
         "[node.match_T]\nuse = \"loss.feature_matching\"\nin = \"D_T0\"\nfold = \"chunk\"\n"
         "[node.vgg]\nuse = \"loss.vgg\"\nin.fake = [\"fake\", \"F.raw\"]\nin.real = \"real\"\n"
         "[node.flow_error]\nuse = \"loss.flow_endpoint\"\nin.flow = \"F.flow\"\nin.reference = \"flow\"\n"
         "in.confidence = \"confidence\"\n"
         "[node.warp_real]\nuse = \"loss.warp_real\"\nin.image = \"real\"\nin.previous = \"real[t-1]\"\n"
         "in.flow = \"F.flow\"\nin.confidence = \"confidence\"\n"
         "[node.warp_fake]\nuse = \"loss.warp_fake\"\nin.image = \"fake\"\nin.previous = \"fake_before\"\n"
         "in.flow = \"flow\"\nin.confidence = \"confidence\"\n"
         "[node.mask]\nuse = \"loss.mask\"\nin.mask = \"F.mask\"\nin.confidence = \"confidence\"\n";
}

std::string Loop::updates() const {
  const double rate = config.at("lr");
  const bool has_two_rates = config.at("TTUR");
  const auto update = [&](const char* name, const std::string& of, double factor, double first, double second) {
    return text("[update.", name, "]\nof = [\"", of, "\"]\nlr = ", number_text(rate * factor), "\nbetas = [",
                number_text(first), ", ", number_text(second), "]\n[update.", name, ".loss]\n");
  };
  const double second = has_two_rates ? 0.9 : 0.999;
  const std::string finest = scale_path(generator, scales() - 1);
  const double of_flow = config.at("lambda_F").get<double>() / static_cast<double>(1 << (scales() - 1));
  return update("G", is_finest_alone() ? finest : "F", has_two_rates ? 0.5 : 1, beta1(), second) +
         text("\"gan.generator\" = 1.0\n\"gan_T.generator\" = 1.0\nmatch = 10.0\nmatch_T = 10.0\nvgg = 10.0\n",
              "flow_error = ", number_text(of_flow),
              "\nwarp_real = 10.0\nwarp_fake = 10.0\nmask = ", has_no_first() ? "1.0" : "0.0", "\n") +
         update("D", "D", has_two_rates ? 2 : 1, beta1(), second) + "\"gan.discriminator\" = 0.5\n" +
         update("D_T0", "D_T0", 1, config.at("beta1"), 0.999) + "\"gan_T.discriminator\" = 0.5\n";
}

/// [B, T, C, H, W] -> a value for each frame.
std::vector<Value> frames_of(const at::Tensor& clip) {
  std::vector<Value> frames;
  for (const at::Tensor& frame : clip.unbind(1)) frames.emplace_back(frame.contiguous());
  return frames;
}

std::map<std::string, std::vector<Value>> frames_of(const Fixture& fixture, const Loop& loop) {
  const at::Tensor real = enlarge8(fixture.input("B_raw"));
  std::map<std::string, std::vector<Value>> frames;
  frames["real"] = frames_of(real);
  const at::Tensor first = real.narrow(1, 0, loop.generator.past);
  frames["given"] = frames_of(loop.has_no_first() ? at::zeros_like(first) : first);
  frames["flow"] = frames_of(enlarge8(fixture.input("flow_ref_raw")) * 4);
  frames["confidence"] = frames_of((enlarge8(fixture.input("conf_raw")) > -0.5).to(at::kFloat));
  if (!loop.has_labels()) {
    frames["s"] = frames_of(enlarge8(fixture.input("A_raw")));
    return frames;
  }
  const auto classes = static_cast<double>(loop.config.at("label_nc").get<int64_t>());
  frames["labels"] = frames_of(
      at::floor((enlarge8(fixture.input("label_raw")) + 1) / 2 * classes).clamp(0, classes - 1).to(at::kLong));
  frames["instances"] = frames_of(at::floor((enlarge8(fixture.input("inst_raw")) + 1) * 2).to(at::kLong));
  return frames;
}

/// The losses of a chunk under the original's names, with the weights that it counts them with.
void add_losses(const train::ChunkResult& result, const std::string& prefix, Tensors& outputs) {
  struct Name {
    const char* update;
    const char* loss;
    const char* original;
  };
  static constexpr Name kNames[] = {{"G", "vgg", "G_VGG"},
                                    {"G", "gan.generator", "G_GAN"},
                                    {"G", "match", "G_GAN_Feat"},
                                    {"G", "flow_error", "F_Flow"},
                                    {"G", "warp_real", "F_Warp"},
                                    {"G", "warp_fake", "G_Warp"},
                                    {"G", "mask", "W"},
                                    {"G", "gan_T.generator", "G_T_GAN0"},
                                    {"G", "match_T", "G_T_GAN_Feat0"},
                                    {"watched", "gan.real", "D_real"},
                                    {"watched", "gan.fake", "D_fake"},
                                    {"watched", "gan_T.real", "D_T_real0"},
                                    {"watched", "gan_T.fake", "D_T_fake0"}};
  const auto put = [&](const std::string& name, double value) {
    outputs[prefix + name] = at::scalar_tensor(value, at::kFloat).reshape({1});
  };
  put("W", 0);
  put("G_T_Warp0", 0);  // the original never computes it
  for (const Name& name : kNames) {
    for (const train::UpdateResult& update : result.updates) {
      for (const train::UpdateResult::Loss& loss : update.losses) {
        if (update.name == name.update && loss.name == name.loss && loss.value)
          put(name.original, loss.weight * *loss.value);
      }
    }
    const auto watched = result.watched.find(name.loss);
    if (std::string(name.update) == "watched" && watched != result.watched.end()) put(name.original, watched->second);
  }
  for (const train::UpdateResult& update : result.updates)
    if (update.name != "D_T0") put("loss_" + update.name, update.total);
  const bool has_video = outputs.contains(prefix + "G_T_GAN0");
  outputs[prefix + "avail_T"] = has_video ? at::tensor({0.0F, -1.0F}) : at::tensor({-1.0F});
}

at::Tensor clip_of(const report::ShownStream& watched) {
  std::vector<at::Tensor> frames;
  for (const Value& value : watched.values) frames.push_back(value.tensor());
  return at::stack(frames, 1);
}

/// The path under which the original's network of this name stands in the graph.
std::string path_of(const Loop& loop, const std::string& network) {
  return network.starts_with('G') ? scale_path(loop.generator, network[1] - '0') : network;
}

/// The entry that holds a tensor of a network: behind `prefix`, somewhere below the network's path.
at::Tensor entry_of(const Archive::Entries& entries, const std::string& prefix, const std::string& path,
                    const std::string& key) {
  for (const auto& [name, tensor] : entries) {
    const bool is_below = name.starts_with(prefix + path + '/') || name.starts_with(prefix + path + '.');
    if (is_below && name.ends_with('/' + key)) return tensor;
  }
  return {};
}

Tensors compute_training(const Fixture& fixture) {
  const Loop loop(fixture.config());
  GraphRun run;
  run.text(loop.graph());
  for (int64_t scale = 0; scale < loop.scales(); ++scale)
    run.weights(scale_path(loop.generator, scale), fixture.params(text('G', scale)));
  run.weights("D", fixture.params("D")).weights("D_T0", fixture.params("D_T0")).weights("vgg", fixture.params("vgg"));
  train::Trainer& trainer = run.begin_training();
  Tensors outputs;
  int64_t chunk = 0;
  trainer.train_clip(frames_of(fixture, loop), {}, [&](const train::ChunkResult& result) {
    const std::string prefix = text('c', chunk++, '.');
    add_losses(result, prefix, outputs);
    outputs[prefix + "fake_B"] = clip_of(trainer.watched().at("F.image"));
    outputs[prefix + "fake_B_prev"] = clip_of(trainer.watched().at("fake_before"));
    if (chunk > 1) return;
    // After Adam's first step its mean is the gradient times what it forgets.
    const Archive::Entries entries = trainer.save_learnt();
    for (const std::string& name : fixture.output_names()) {
      if (!name.starts_with("grad.")) continue;  // grad.G0.model_down_seg.1.weight
      const std::string network = name.substr(5, name.find('.', 5) - 5), key = name.substr(6 + network.size());
      const at::Tensor mean =
          entry_of(entries, text("update/", network.front(), "/adam/first/"), path_of(loop, network), key);
      if (mean.defined()) outputs[name] = mean / (1 - loop.beta1());
    }
  });
  const Archive::Entries entries = trainer.save_learnt();
  for (const std::string& name : fixture.output_names()) {
    if (!name.starts_with("after.")) continue;
    const std::string network = name.substr(6, name.find('.', 6) - 6), key = name.substr(7 + network.size());
    const at::Tensor tensor = entry_of(entries, "network/", path_of(loop, network), key);
    // What does not learn is in no checkpoint: it is as its file has it.
    outputs[name] = tensor.defined() ? tensor : fixture.params(network).at(key);
  }
  return outputs;
}

/// Ten times what a relative change of 1e-6 in every weight does to the original (conformance/vid2vid/README.md): losses
/// 1e-4 of their value in the first chunk, 1e-3 later; gradients 5 % of their mean size, of which single ones flip at the
/// kinks of L1 and ReLU; frames after a step 6e-3; parameters after Adam's first steps two rates where a gradient is near 0.
Tolerance tolerance_of_training(const Fixture& fixture, const std::string& output) {
  const double size = fixture.stored(output).to(at::kDouble).abs().mean().item<double>();
  const double rate = fixture.config().at("lr");
  if (output.starts_with("grad.")) return {Tolerance::Measure::Mean, 0.05 * size};
  if (output.starts_with("after.")) return {Tolerance::Measure::Mean, 0.1 * rate};
  const bool is_first = output.starts_with("c0.");
  if (output.find("fake_B") != std::string::npos) return {Tolerance::Measure::Largest, is_first ? 5e-4 : 1e-2};
  if (output.find("avail_T") != std::string::npos) return {Tolerance::Measure::Largest, 0};
  return {Tolerance::Measure::Largest, std::max((is_first ? 1e-4 : 1e-3) * size, 1e-6)};
}

}  // namespace

void add_training_cases(Cases& cases) {
  if (!testing::NodeRunner::built_plugins().find("loss.gan")) return;
  cases["training loop (train.py order)"] = {compute_training, tolerance_of_training};
}

}  // namespace weft::conformance
