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
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>

namespace weft::conformance {
namespace {

using nlohmann::json;

/// The loop of NVIDIA's train.py for one configuration.
struct Loop {
  explicit Loop(const Fixture& fixture) : config(fixture.config()), generator(GeneratorConfig::of(config)) {
    batch = fixture.input("B_raw").size(0);
    // The whole first chunk is drawn without warping where nothing is given.
    if (has_no_first()) generator.raw_until = generator.past + load();
  }

  bool is_on(const char* option) const { return config.value(option, false); }
  double factor(const char* name) const { return config.value(name, 10.0); }
  bool has_labels() const { return config.value("label_nc", 0) > 0; }
  bool has_instances() const { return has_labels() && is_on("use_instance"); }
  bool has_no_first() const { return is_on("no_first_img"); }
  bool has_vgg() const { return !is_on("no_vgg"); }
  bool has_features() const { return !is_on("no_ganFeat"); }
  bool has_faces() const { return is_on("add_face_disc"); }
  bool is_finest_alone() const { return config.value("niter_fix_global", 0) != 0; }
  int64_t load() const { return config.at("n_frames_load"); }
  int64_t scales() const { return generator.scales; }
  int64_t times() const { return config.value("n_scales_temporal", 1); }
  int64_t frames_of_clip() const { return config.value("n_frames_D", 3); }
  /// Frames between two of a clip of a temporal scale.
  int64_t step(int64_t time) const {
    int64_t step = 1;
    for (int64_t i = 0; i < time; ++i) step *= frames_of_clip();
    return step;
  }
  double beta1() const { return is_on("TTUR") ? 0 : config.at("beta1").get<double>(); }

  std::string inputs() const;
  std::string networks() const;
  std::string discriminators() const;
  std::string losses() const;
  std::string updates() const;
  std::string graph() const { return inputs() + networks() + discriminators() + losses() + updates(); }

  json config;
  GeneratorConfig generator;
  int64_t batch = 1;
};

/// The flows between the frames of a temporal scale.
std::string flow_of(int64_t time) {
  return time == 0 ? "flow" : text("flow_", time);
}

std::string Loop::inputs() const {
  std::string shown = "\"F.image\", \"fake_before\", \"gan.real\", \"gan.fake\"", flows;
  if (has_faces()) shown += ", \"gan_f.real\", \"gan_f.fake\"";
  for (int64_t time = 0; time < times(); ++time) {
    shown += text(", \"gan_T", time, ".real\", \"gan_T", time, ".fake\"");
    flows += text(flow_of(time), " = \"flow[B,2,H,W]\"\n");
  }
  return text("[run]\nbatch = ", batch, "\nchunk = ", load(), "\nbptt = ", config.at("n_frames_bp").get<int64_t>(),
              "\nshow = [", shown, "]\n[inputs]\nreal = \"image[B,3,H,W]\"\ngiven = \"image[B,3,H,W]\"\n", flows,
              "confidence = \"mask[B,1,H,W]\"\n",
              has_labels() ? "labels = \"labels[B,1,H,W]\"\n"
                           : text("s = \"conditions[B,", config.at("input_nc").get<int64_t>(), ",H,W]\"\n"),
              has_instances() ? "instances = \"instances[B,1,H,W]\"\n" : "",
              "[stream]\nfake = \"F.image\"\nfake_before = \"real[t-1] before ", generator.past + 1,
              " else before_fake\"\n");
}

std::string Loop::networks() const {
  std::string graph;
  if (has_labels()) {
    graph += text("[node.semantics]\nuse = \"semantics.one_hot\"\nin = \"labels\"\nclasses = ",
                  config.at("label_nc").get<int64_t>(), "\n[node.s]\nuse = \"image.concat\"\nin = [\"semantics\"",
                  has_instances() ? ", \"edges\"" : "", "]\n");
  }
  if (has_instances()) graph += "[node.edges]\nuse = \"semantics.edges\"\nin = \"instances\"\n";
  if (generator.has_foreground) {
    std::vector<std::string> ids;
    for (const int64_t id : config.at("fg_labels").get<std::vector<int64_t>>()) ids.push_back(text(id));
    graph += text("[node.cars]\nuse = \"semantics.mask\"\nin = \"labels\"\nclasses = [", join(ids), "]\n");
  }
  return graph + generator_node(generator) + "in.s = \"s\"\nin.given = \"given\"\n" +
         (generator.has_foreground ? "in.foreground = \"cars\"\n" : "") +
         "[node.before_fake]\nuse = \"vid2vid.frames_before\"\nin = \"fake\"\nfold = \"chunk\"\n";
}

std::string Loop::discriminators() const {
  const auto judge = [&](const std::string& name, int64_t scale_count, const std::string& inputs) {
    return text("[node.", name, "]\nuse = \"gan.patch_discriminator\"\nfeatures = ", config.at("ndf").get<int64_t>(),
                "\nlayers = ", config.value("n_layers_D", 3),
                "\nfeature_matching = ", has_features() ? "true" : "false", "\nscales = ", scale_count,
                "\nfold = \"chunk\"\n", inputs);
  };
  const auto num_d = config.at("num_D").get<int64_t>();
  std::string graph = judge("D", num_d, "in.real = \"real\"\nin.fake = [\"fake\", \"F.raw\"]\nin.conditions = \"s\"\n");
  for (int64_t time = 0; time < times(); ++time) {
    const int64_t apart = step(time), first = apart * (frames_of_clip() - 1);
    const std::string clip = text("[t-", first, "..t:", apart, "]");
    // The flows that lead to all frames of a clip but the first.
    const std::string flows = first == apart ? "" : text("[t-", first - apart, "..t:", apart, "]");
    graph += judge(
        text("D_T", time), num_d,
        text("in.real = \"real", clip, "\"\nin.fake = [\"fake", clip, "\"]\nin.conditions = \"", flow_of(time), flows,
             "\"\nevery = ", frames_of_clip(), '\n', is_on("sparse_D") ? text("multiple = ", apart, '\n') : ""));
  }
  if (!has_faces()) return graph;
  const int64_t size = config.at("fineSize").get<int64_t>() / 32 * 8;
  graph += text("[node.face]\nuse = \"gan.face_box\"\nin = \"s\"\nmap = \"",
                is_on("openpose_only") ? "openpose" : "densepose", "\"\nsize = ", size, '\n');
  for (const char* map : {"real", "fake", "s"}) {
    graph += text("[node.face_", map, "]\nuse = \"image.cut\"\nin.map = \"", map, "\"\nin.box = \"face\"\nsize = [",
                  size, ", ", size, "]\n");
  }
  return graph + judge("D_f", std::max<int64_t>(1, num_d - 2),
                       "in.real = \"face_real\"\nin.fake = [\"face_fake\"]\nin.conditions = \"face_s\"\n");
}

std::string Loop::losses() const {
  static const std::map<std::string, std::string> kinds = {
      {"ls", "least_squares"}, {"hinge", "hinge"}, {"original", "vanilla"}, {"w", "wasserstein"}};
  std::string graph;
  const auto judge = [&](const std::string& of) {
    const std::string in = text("in = \"D", of, "\"\nfold = \"chunk\"\n");
    graph +=
        text("[node.gan", of, "]\nuse = \"loss.gan\"\nkind = \"", kinds.at(config.value("gan_mode", "ls")), "\"\n", in);
    if (has_features()) graph += text("[node.match", of, "]\nuse = \"loss.feature_matching\"\n", in);
  };
  judge("");
  if (has_faces()) judge("_f");
  for (int64_t time = 0; time < times(); ++time) judge(text("_T", time));
  if (has_vgg()) graph += "[node.vgg]\nuse = \"loss.vgg\"\nin.fake = [\"fake\", \"F.raw\"]\nin.real = \"real\"\n";
  graph +=
      "[node.warp_fake]\nuse = \"loss.warp_fake\"\nin.image = \"fake\"\nin.previous = \"fake_before\"\n"
      "in.flow = \"flow\"\nin.confidence = \"confidence\"\n";
  if (!generator.has_flow) return graph;
  return graph +
         "[node.flow_error]\nuse = \"loss.flow_endpoint\"\nin.flow = \"F.flow\"\nin.reference = \"flow\"\n"
         "in.confidence = \"confidence\"\n"
         "[node.warp_real]\nuse = \"loss.warp_real\"\nin.image = \"real\"\nin.previous = \"real[t-1]\"\n"
         "in.flow = \"F.flow\"\nin.confidence = \"confidence\"\n"
         "[node.mask]\nuse = \"loss.mask\"\nin.mask = \"F.mask\"\nin.confidence = \"confidence\"\n";
}

std::string Loop::updates() const {
  const double rate = config.at("lr");
  const bool has_two_rates = is_on("TTUR");
  const auto update = [&](const std::string& name, const std::string& of, double factor, double first, double second) {
    return text("[update.", name, "]\nof = [", of, "]\nlr = ", number_text(rate * factor), "\nbetas = [",
                number_text(first), ", ", number_text(second), "]\n[update.", name, ".loss]\n");
  };
  const double second = has_two_rates ? 0.9 : 0.999;
  const std::string finest = scale_path(generator, scales() - 1);
  const double of_flow = factor("lambda_F") / static_cast<double>(1 << (scales() - 1));
  std::string graph =
      update("G", text('"', is_finest_alone() ? finest : "F", '"'), has_two_rates ? 0.5 : 1, beta1(), second);
  const auto add = [&](const std::string& of, double weight) {
    graph += text("\"gan", of, ".generator\" = ", number_text(weight), '\n');
    if (has_features()) graph += text("match", of, " = ", number_text(weight * factor("lambda_feat")), '\n');
  };
  add("", 1);
  if (has_faces()) add("_f", 2);
  for (int64_t time = 0; time < times(); ++time) add(text("_T", time), 1);
  if (has_vgg()) graph += text("vgg = ", number_text(factor("lambda_feat")), '\n');
  graph += text("warp_fake = ", number_text(factor("lambda_T")), '\n');
  if (generator.has_flow) {
    graph += text("flow_error = ", number_text(of_flow), "\nwarp_real = ", number_text(factor("lambda_T")),
                  "\nmask = ", has_no_first() ? "1.0" : "0.0", '\n');
  }
  graph += update("D", has_faces() ? "\"D\", \"D_f\"" : "\"D\"", has_two_rates ? 2 : 1, beta1(), second) +
           "\"gan.discriminator\" = 0.5\n" + (has_faces() ? "\"gan_f.discriminator\" = 0.5\n" : "");
  for (int64_t time = 0; time < times(); ++time) {
    const std::string name = text("D_T", time);
    graph += update(name, text('"', name, '"'), 1, config.at("beta1"), 0.999) +
             text("\"gan_T", time, ".discriminator\" = 0.5\n");
  }
  return graph;
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
  for (int64_t time = 1; time < loop.times(); ++time) {
    // What stands for the flow network between frames that lie apart.
    at::Tensor flow = at::zeros({real.size(0), real.size(1), 2, real.size(3), real.size(4)}, at::kFloat);
    const int64_t apart = loop.step(time), count = real.size(1) - apart;
    if (count > 0) {
      const at::Tensor difference = real.narrow(1, apart, count) - real.narrow(1, 0, count);
      flow.narrow(1, apart, count).copy_(difference.narrow(2, 0, 2) * 3);
    }
    frames[flow_of(time)] = frames_of(flow);
  }
  frames["confidence"] = frames_of((enlarge8(fixture.input("conf_raw")) > -0.5).to(at::kFloat));
  if (!loop.has_labels()) {
    frames["s"] = frames_of(enlarge8(fixture.input("A_raw")));
    return frames;
  }
  const auto classes = static_cast<double>(loop.config.at("label_nc").get<int64_t>());
  frames["labels"] = frames_of(
      at::floor((enlarge8(fixture.input("label_raw")) + 1) / 2 * classes).clamp(0, classes - 1).to(at::kLong));
  if (loop.has_instances())
    frames["instances"] = frames_of(at::floor((enlarge8(fixture.input("inst_raw")) + 1) * 2).to(at::kLong));
  return frames;
}

/// The losses of a chunk under the original's names, with the weights that it counts them with.
void add_losses(const Loop& loop, const train::ChunkResult& result, const std::string& prefix, Tensors& outputs) {
  const auto put = [&](const std::string& name, double value) {
    outputs[prefix + name] = at::scalar_tensor(value, at::kFloat).reshape({1});
  };
  /// A loss of the generator that is in the chunk, as it counts.
  const auto put_loss = [&](const std::string& loss, const std::string& original) {
    for (const train::UpdateResult& update : result.updates) {
      for (const train::UpdateResult::Loss& one : update.losses)
        if (update.name == "G" && one.name == loss && one.value) put(original, one.weight * *one.value);
    }
  };
  const auto put_judgement = [&](const std::string& of, const std::string& original, const std::string& behind) {
    put_loss(text("gan", of, ".generator"), text('G', original, "_GAN", behind));
    put_loss(text("match", of), text('G', original, "_GAN_Feat", behind));
    for (const char* kind : {"real", "fake"}) {
      const auto watched = result.watched.find(text("gan", of, '.', kind));
      if (watched != result.watched.end()) put(text('D', original, '_', kind, behind), watched->second);
    }
  };
  // The original has a number for what is switched off, too.
  for (const char* name : {"W", "G_VGG", "G_GAN_Feat", "F_Flow", "F_Warp", "G_Warp"}) put(name, 0);
  put_judgement("", "", "");
  if (loop.has_faces()) put_judgement("_f", "_f", "");
  for (const auto& [loss, original] : {std::pair{"vgg", "G_VGG"},
                                       {"flow_error", "F_Flow"},
                                       {"warp_real", "F_Warp"},
                                       {"warp_fake", "G_Warp"},
                                       {"mask", "W"}})
    put_loss(loss, original);
  std::vector<float> times;
  for (int64_t time = 0; time < loop.times(); ++time) {
    const std::string behind = text(time);
    put(text("G_T_GAN_Feat", behind), 0);
    put(text("G_T_Warp", behind), 0);  // the original never computes it
    put_judgement(text("_T", time), "_T", behind);
    if (outputs.contains(text(prefix, "G_T_GAN", behind))) times.push_back(static_cast<float>(time));
  }
  times.push_back(-1);
  outputs[prefix + "avail_T"] = at::tensor(times);
  for (const train::UpdateResult& update : result.updates)
    if (!update.name.starts_with("D_T")) put("loss_" + update.name, update.total);
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

/// The update that moves it.
std::string update_of(const std::string& network) {
  return network.starts_with("D_T") ? network : network.substr(0, 1);
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
  const Loop loop(fixture);
  GraphRun run;
  run.text(loop.graph());
  for (int64_t scale = 0; scale < loop.scales(); ++scale)
    run.weights(scale_path(loop.generator, scale), fixture.params(text('G', scale)));
  run.weights("D", fixture.params("D"));
  for (int64_t time = 0; time < loop.times(); ++time) run.weights(text("D_T", time), fixture.params(text("D_T", time)));
  if (loop.has_faces()) run.weights("D_f", fixture.params("D_f"));
  if (loop.has_vgg()) run.weights("vgg", fixture.params("vgg"));
  train::Trainer& trainer = run.begin_training();
  Tensors outputs;
  int64_t chunk = 0;
  trainer.train_clip(frames_of(fixture, loop), {}, [&](const train::ChunkResult& result) {
    const std::string prefix = text('c', chunk++, '.');
    add_losses(loop, result, prefix, outputs);
    outputs[prefix + "fake_B"] = clip_of(trainer.watched().at("F.image"));
    outputs[prefix + "fake_B_prev"] = clip_of(trainer.watched().at("fake_before"));
    if (chunk > 1) return;
    // After Adam's first step its mean is the gradient times what it forgets.
    const Archive::Entries entries = trainer.save_learnt();
    for (const std::string& name : fixture.output_names()) {
      if (!name.starts_with("grad.")) continue;  // grad.G0.model_down_seg.1.weight
      const std::string network = name.substr(5, name.find('.', 5) - 5), key = name.substr(6 + network.size());
      const at::Tensor mean =
          entry_of(entries, text("update/", update_of(network), "/adam/first/"), path_of(loop, network), key);
      if (mean.defined()) outputs[name] = mean / (1 - loop.beta1());
    }
  });
  const Archive::Entries entries = trainer.save_learnt();
  for (const std::string& name : fixture.output_names()) {
    if (!name.starts_with("after.")) continue;
    const std::string network = name.substr(6, name.find('.', 6) - 6), key = name.substr(7 + network.size());
    const at::Tensor tensor = entry_of(entries, "network/", path_of(loop, network), key);
    // What does not learn is in no checkpoint: it is as its file has it.
    const Tensors params = fixture.params(network);
    const auto given = params.find(key);
    if (tensor.defined() || given != params.end()) outputs[name] = tensor.defined() ? tensor : given->second;
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
