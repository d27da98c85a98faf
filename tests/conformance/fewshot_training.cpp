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
  std::map<std::string, std::vector<Value>> values() const;
  std::string update(const std::string& name, const std::string& of, double factor) const;
  std::string losses(bool of_generator) const;
  std::string graph(const std::string& updates) const;
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

std::map<std::string, std::vector<Value>> Training::values() const {
  const at::Tensor labels = labels_of(fixture, "tgt_label"), examples = labels_of(fixture, "ref_label");
  std::map<std::string, std::vector<Value>> values;
  const auto push = [&](const std::string& name, const at::Tensor& clip, int64_t t) {
    values[name].emplace_back(clip.select(1, t).contiguous());
  };
  for (int64_t t = 0; t < frames(); ++t) {
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

std::string Training::graph(const std::string& updates) const {
  std::string graph = text(
      "[run]\nbatch = ", config.at("B").get<int64_t>(), "\nchunk = 1\nupdates = \"alternate\"\n", "show = [\"fake\"]\n",
      inputs(), "[node.example_full]\nuse = \"fewshot.pick\"\nin.examples = \"example_full_labels\"\n",
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

void give_weights(GraphRun& run, const Training& training) {
  run.weights("*", training.generator.wanted(fewshot_params(training.fixture, "netG:")));
  run.weights("D", fewshot_params(training.fixture, "netD:"));
  if (training.judges.is_temporal) run.weights("D_T", fewshot_params(training.fixture, "netDT:"));
  if (training.judges.has_faces) run.weights("D_f", fewshot_params(training.fixture, "netDf:"));
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

Tensors compute_training(const Fixture& fixture) {
  const Training training(fixture);
  GraphRun run;
  const std::string updates = training.update("D", training.judges.networks(), 2) + training.losses(false) +
                              training.update("G", generator_networks(training.generator), 0.5) + training.losses(true);
  run.text(with_one_stream_table(training.graph(updates)));
  give_weights(run, training);
  train::Trainer& trainer = run.begin_training();
  Tensors outputs;
  int64_t frame = 0;
  trainer.train_clip(training.values(), {}, [&](const train::ChunkResult& result) {
    const std::string prefix = text('t', frame++, '.');
    training.add_losses(result, prefix, outputs);
    outputs[prefix + "fake"] = trainer.watched().at("fake").values.front().tensor().clone();
    if (frame > 1) return;
    const Archive::Entries entries = trainer.save_learnt();
    for (const std::string& name : fixture.output_names()) {
      if (name.starts_with("grad.")) outputs[name] = gradient_of(entries, "G", name.substr(5), training.beta1());
    }
  });
  return outputs;
}

Tolerance tolerance_of_training(const Fixture& fixture, const std::string& output) {
  const double size = fixture.stored(output).to(at::kDouble).abs().mean().item<double>();
  if (output.starts_with("grad")) return {Tolerance::Measure::Mean, 0.05 * size};
  const bool is_first = output.starts_with("t0.");
  if (output.ends_with(".fake")) return {Tolerance::Measure::Largest, is_first ? 5e-4 : 5e-3};
  return {Tolerance::Measure::Largest, (is_first ? 1e-4 : 1e-3) * std::max(1.0, size)};
}

}  // namespace

void add_fewshot_training_cases(Cases& cases) {
  cases["Vid2VidModel training iteration"] = {compute_training, tolerance_of_training};
}

}  // namespace weft::conformance
