// Whole iterations of training few-shot vid2vid: for each frame a step of the discriminators, then one of the generator.
#include "framework/base/text.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/fewshot_config.h"
#include "tests/conformance/fewshot_graph.h"
#include "tests/conformance/fewshot_judges.h"
#include "tests/conformance/graph_run.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/floor.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

namespace weft::conformance {
namespace {

using nlohmann::json;

/// A training of the file's config as a graph.
struct Training {
  explicit Training(const Fixture& of_file)
      : fixture(of_file), config(of_file.config()), generator(config), judges(config) {
    generator.is_temporal = config.value("n_frames_G", 2) > 1 && frames() > 1;
    judges.warps_example = generator.warps_example;
    judges.has_previous = generator.is_temporal;
    judges.has_raw = !generator.combines || config.value("add_raw_output_loss", false);
    judges.is_temporal = generator.is_temporal && config.value("lambda_temp", 0.0) > 0;
    judges.face_size =
        static_cast<int64_t>(static_cast<double>(config.at("W").get<int64_t>()) / config.value("aspect_ratio", 1.0)) /
        4;
  }

  const Fixture& fixture;
  json config;
  FewShotGraph generator;
  FewShotJudges judges;

  int64_t frames() const { return config.at("T").get<int64_t>(); }
  bool has_two_rates() const { return !config.value("no_TTUR", false); }
  double beta1() const { return has_two_rates() ? 0 : config.at("beta1").get<double>(); }

  std::string inputs() const;
  std::map<std::string, std::vector<Value>> values(int64_t count) const;
  std::string update(const std::string& name, const std::string& of, double factor) const;
  std::string losses(bool of_generator) const;
  std::string graph(const std::string& updates, const char* mode = "alternate") const;
  /// All losses by the original's names, as they count.
  void add_losses(const train::ChunkResult& result, const std::string& prefix, Tensors& outputs) const;
};

/// The maps of a label: given, or ids of blocks of 8x8 pixels as one channel for each class.
at::Tensor labels_of(const Fixture& fixture, const std::string& name) {
  const auto classes = fixture.config().value("label_nc", int64_t{0});
  if (classes == 0) return fixture.input(name);
  const double count = static_cast<double>(classes);
  const at::Tensor ids =
      at::floor((enlarge8(fixture.input(name)) + 1) / 2 * count).clamp(0, count - 1).to(at::kLong);  // [B, T, 1, H, W]
  std::vector<int64_t> shape = ids.sizes().vec();
  shape[2] = classes;
  return at::zeros(shape, at::kFloat).scatter_(2, ids, 1);
}

std::string Training::inputs() const {
  const int64_t channels = labels_of(fixture, "ref_label").size(2);
  std::string inputs = text(
      "[inputs]\nreal = \"image[B,3,H,W]\"\ns_full = \"conditions[B,", channels, ",H,W]\"\nexample_images = \"image[B,",
      generator.shots, ",3,H,W]\"\nexample_full_labels = \"conditions[B,", generator.shots, ',', channels, ",H,W]\"\n");
  for (const char* to : {"e", "p"})
    inputs += text("reference_", to, " = \"flow[B,2,H,W]\"\nsure_", to, " = \"mask[B,1,H,W]\"\n");
  return inputs;
}

std::map<std::string, std::vector<Value>> Training::values(int64_t count) const {
  const at::Tensor labels = labels_of(fixture, "tgt_label"), examples = labels_of(fixture, "ref_label");
  std::map<std::string, std::vector<Value>> values;
  const auto push = [&](const std::string& name, const at::Tensor& clip, int64_t t) {
    values[name].emplace_back(clip.select(1, t).contiguous());
  };
  for (int64_t t = 0; t < count; ++t) {
    push("real", fixture.input("tgt_image"), t);
    push("s_full", labels, t);
    values["example_images"].emplace_back(fixture.input("ref_image"));
    values["example_full_labels"].emplace_back(examples);
    for (const auto& [to, name] : {std::pair{"e", "ref"}, std::pair{"p", "prev"}}) {
      push(text("reference_", to), fixture.input(text("flow_gt_", name)) * 3, t);
      push(text("sure_", to), (fixture.input(text("conf_", name)) > 0).to(at::kFloat), t);
    }
  }
  return values;
}

std::string Training::update(const std::string& name, const std::string& of, double factor) const {
  const double rate = config.at("lr").get<double>() * (has_two_rates() ? factor : 1);
  return text("[update.", name, "]\nof = [", of, "]\nlr = ", number_text(rate), "\nbetas = [", number_text(beta1()),
              ", ", number_text(config.value("beta2", 0.999)), "]\n[update.", name, ".loss]\n");
}

std::string Training::losses(bool of_generator) const {
  std::map<std::string, double> weights;
  for (const auto& [name, terms] : judges.terms()) {
    for (const FewShotJudges::Term& term : terms)
      if (name.starts_with('D') != of_generator) weights[term.stream] += term.weight;
  }
  std::string lines;
  for (const auto& [stream, weight] : weights) lines += text('"', stream, "\" = ", number_text(weight), '\n');
  return lines;
}

std::string Training::graph(const std::string& updates, const char* mode) const {
  std::string graph = text(
      "[run]\nbatch = ", config.at("B").get<int64_t>(), "\nchunk = 1\nupdates = \"", mode, "\"\n", inputs(),
      "[node.example_full]\nuse = \"fewshot.pick\"\nin.examples = \"example_full_labels\"\n",
      "[stream]\nexample_labels = \"example_full_labels\"\n", judges.label_nodes(), generator.nodes(), judges.nodes());
  if (generator.warps_example)
    graph +=
        "[stream]\nflow_e = \"flow_example.flow\"\nmask_e = \"flow_example.mask\"\nwarped_e = \"warped_example\"\n";
  if (generator.is_temporal)
    graph +=
        "[stream]\nflow_p = \"flow_previous.flow\"\nmask_p = \"flow_previous.mask\"\nwarped_p = \"warped_previous\"\n";
  if (judges.has_raw) graph += "[stream]\nraw = \"G.raw\"\n";
  return graph + updates;
}

void Training::add_losses(const train::ChunkResult& result, const std::string& prefix, Tensors& outputs) const {
  for (const auto& [name, terms] : judges.terms()) {
    double sum = 0;
    bool is_present = !name.starts_with("DT");
    for (const FewShotJudges::Term& term : terms) {
      for (const train::UpdateResult& update : result.updates) {
        for (const train::UpdateResult::Loss& loss : update.losses) {
          if (loss.name != term.stream || !loss.value) continue;
          sum += term.weight * *loss.value;
          is_present = true;
        }
      }
    }
    // The original has two spellings.
    const std::string stored = name == "Gf_GAN_Feat" ? "Gf_GAN_feat" : name;
    if (is_present) outputs[prefix + stored] = at::scalar_tensor(sum, at::kFloat).reshape({1});
  }
}

/// The value that a training has left in a network at `path`, or below a path without a name of its own; nothing where none.
at::Tensor learnt_value(const Archive::Entries& entries, const std::string& path, const std::string& key) {
  for (const auto& [name, tensor] : entries) {
    if (name.starts_with("network/" + path) && name.ends_with('/' + key)) return tensor;
  }
  return {};
}

/// @param learnt  what a training has left, instead of the file's values; nullptr: nothing
void give_weights(GraphRun& run, const Training& training, const Archive::Entries* learnt) {
  const auto give = [&](const std::string& path, const std::string& below, Tensors params) {
    for (auto& [key, tensor] : params) {
      const at::Tensor value = learnt ? learnt_value(*learnt, below, key) : at::Tensor();
      if (value.defined()) tensor = value.clone();
    }
    if (!params.empty()) run.weights(path, params);
  };
  give("*", "", training.generator.wanted(fewshot_params(training.fixture, "netG:")));
  give("D", "D/", fewshot_params(training.fixture, "netD:"));
  if (training.judges.is_temporal) give("D_T", "D_T/", fewshot_params(training.fixture, "netDT:"));
  if (training.judges.has_faces) give("D_f", "D_f/", fewshot_params(training.fixture, "netDf:"));
}

/// The gradient of an update after one step of Adam: its mean divided by what it takes of a gradient.
at::Tensor gradient_of(const Archive::Entries& entries, const std::string& update, const std::string& key,
                       double beta1) {
  for (const auto& [name, tensor] : entries) {
    if (name.starts_with(text("update/", update, "/adam/first/")) && name.ends_with('/' + key))
      return tensor / (1 - beta1);
  }
  return {};
}

/// The networks of the generator that the graph has.
std::string generator_networks(const FewShotGraph& graph) {
  std::string names = "\"examples\", \"encoder\", \"G\"";
  if (graph.has_weights()) names += ", \"weights\"";
  if (graph.warps_example || graph.is_temporal) names += ", \"flow_*\"";
  if (graph.shots > 1) names += ", \"keys\", \"attention\"";
  if (graph.config.value("lambda_kld", 0.0) > 0) names += ", \"code\"";
  return names;
}

/// The frame as the turn of the generator has made it, which the next frame reads.
at::Tensor carried_frame(const Archive::Entries& entries, const FewShotGraph& graph, int64_t t) {
  const std::string last = graph.warps_example ? "blended_example" : "G.image";
  const bool is_blended = graph.is_temporal && t > 0;
  const std::string stream = graph.combines ? "G.image" : is_blended ? "blended_previous" : last;
  const auto found = entries.find(text("clip/value ", stream, ' ', t));
  return found == entries.end() ? at::Tensor() : found->second;
}

/// The state of a training after its first frame.
Archive::Entries after_first_frame(const Training& training, const std::string& graph, const Archive::Entries* before) {
  GraphRun run;
  run.text(with_one_stream_table(graph));
  give_weights(run, training, before);
  train::Trainer& trainer = run.begin_training();
  trainer.train_clip(training.values(1), {}, [](const train::ChunkResult&) {});
  Archive::Entries entries;
  for (const auto& [name, tensor] : trainer.learnt().save()) entries[name] = tensor.clone();
  return entries;
}

/// What both steps leave in the gradients of the discriminators: those of their own losses, and those of the generator's,
/// which are taken here by an update of the discriminators. The generator is in an update of its own, so that it runs as in
/// training; in the first one it keeps still.
void add_gradients_of_judges(const Training& training, Tensors& outputs) {
  const std::string networks = training.judges.networks(), of_generator = generator_networks(training.generator);
  const Archive::Entries stepped =
      after_first_frame(training,
                        training.graph(training.update("D", networks, 2) + training.losses(false) +
                                           training.update("G", of_generator, 1e-9) + training.losses(true),
                                       "shared"),
                        nullptr);
  const Archive::Entries judged =
      after_first_frame(training,
                        training.graph(training.update("D", networks, 2) + training.losses(true) +
                                           training.update("G", of_generator, 0.5) + training.losses(true),
                                       "shared"),
                        &stepped);
  const std::string prefix = "gradD_after_G.";
  for (const std::string& name : training.fixture.output_names()) {
    if (!name.starts_with(prefix)) continue;
    const std::string key = "D/" + name.substr(prefix.size());
    outputs[name] = gradient_of(stepped, "D", key, training.beta1()) + gradient_of(judged, "D", key, training.beta1());
  }
}

Tensors compute_training(const Fixture& fixture) {
  const Training training(fixture);
  GraphRun run;
  const std::string updates = training.update("D", training.judges.networks(), 2) + training.losses(false) +
                              training.update("G", generator_networks(training.generator), 0.5) + training.losses(true);
  run.text(with_one_stream_table(training.graph(updates)));
  give_weights(run, training, nullptr);
  train::Trainer& trainer = run.begin_training();
  Tensors outputs;
  int64_t frame = 0;
  trainer.train_clip(training.values(training.frames()), {}, [&](const train::ChunkResult& result) {
    const std::string prefix = text('t', frame, '.');
    training.add_losses(result, prefix, outputs);
    const Archive::Entries entries = trainer.save();
    outputs[prefix + "fake"] = carried_frame(entries, training.generator, frame);
    if (frame++ > 0) return;
    for (const std::string& name : fixture.output_names()) {
      if (name.starts_with("grad.")) outputs[name] = gradient_of(entries, "G", name.substr(5), training.beta1());
    }
  });
  add_gradients_of_judges(training, outputs);
  return outputs;
}

/// The files' README: 1e-4 at t = 0, a thousandth later; gradients 5 % of their mean size, of which single ones flip at the
/// kinks of L1 and ReLU. Where the hinge is open everywhere, the gradient of the last bias of a discriminator is 0 but for
/// rounding, and Adam's first steps move it by one rate either way: scores of a discriminator that has made steps may differ
/// by two rates for each. Frames after a step of the generator: the same for its many weights of small gradients.
Tolerance tolerance_of_training(const Fixture& fixture, const std::string& output) {
  const double size = fixture.stored(output).to(at::kDouble).abs().mean().item<double>();
  if (output.starts_with("grad")) return {Tolerance::Measure::Mean, 0.05 * size};
  const bool is_first = output.starts_with("t0.");
  if (output.ends_with(".fake"))
    return {is_first ? Tolerance::Measure::Largest : Tolerance::Measure::Mean, is_first ? 5e-4 : 5e-3};
  const bool is_step_of_judges = output.find(".D") != std::string::npos;
  const bool is_of_clips = output.find(".DT") != std::string::npos || output.find(".GT") != std::string::npos;
  const int64_t frames = is_first || is_of_clips ? 0 : 1;  // before this one
  const int64_t steps = frames + (is_step_of_judges ? 0 : 1);
  const double rate = 2 * fixture.config().at("lr").get<double>();
  const bool is_score = output.ends_with("GAN") || is_step_of_judges;
  const double relative = (is_first ? 1e-4 : 1e-3) * std::max(1.0, size);
  return {Tolerance::Measure::Largest, std::max(relative, is_score ? 2 * rate * static_cast<double>(steps) : 0.0)};
}

}  // namespace

void add_fewshot_training_cases(Cases& cases) {
  cases["Vid2VidModel training iteration"] = {compute_training, tolerance_of_training};
}

}  // namespace weft::conformance
