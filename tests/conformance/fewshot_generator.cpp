// The generator of few-shot vid2vid, as a graph, over time and in training.
#include "framework/base/text.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/fewshot_config.h"
#include "tests/conformance/fewshot_graph.h"
#include "tests/conformance/graph_run.h"
#include "tests/conformance/strides.h"

#include <ATen/TensorOperators.h>

#include <algorithm>

namespace weft::conformance {
namespace {

using nlohmann::json;

/// The name of an output of the original, without its frame, and the stream that it is.
const std::map<std::string, std::string>& streams() {
  static const std::map<std::string, std::string> kStreams = {{"img_final", "fake"},
                                                              {"img_raw", "G.raw"},
                                                              {"flow_ref", "flow_example.flow"},
                                                              {"mask_ref", "flow_example.mask"},
                                                              {"warp_ref", "warped_example"},
                                                              {"flow_prev", "flow_previous.flow"},
                                                              {"mask_prev", "flow_previous.mask"},
                                                              {"warp_prev", "warped_previous"},
                                                              {"mu", "code.mean"},
                                                              {"atn_vis", "attention.attention"},
                                                              {"ref_idx", "attention.which"}};
  return kStreams;
}

at::Tensor as_in_file(const std::string& name, const at::Tensor& value) {
  // Of the attention the original gives the last sample's first example.
  if (name == "atn_vis") return value.narrow(0, value.size(0) - 1, 1).narrow(1, 0, 1);
  return name == "ref_idx" ? value.to(at::kFloat) : value.clone();
}

/// The streams that the file's outputs need, in the order of their names.
std::vector<std::string> wanted_streams(const Fixture& fixture) {
  std::vector<std::string> wanted;
  for (const auto& [name, stream] : streams()) {
    for (const std::string& output : fixture.output_names()) {
      const bool is_wanted = output.ends_with('.' + name) && output.starts_with('t');
      if (is_wanted && std::find(wanted.begin(), wanted.end(), stream) == wanted.end()) wanted.push_back(stream);
    }
  }
  return wanted;
}

std::string inputs_of(const Fixture& fixture, const FewShotGraph& graph) {
  const at::Tensor examples = fixture.input("label_refs");
  return text("[inputs]\ns = \"conditions[B,", examples.size(2), ",H,W]\"\nexample_images = \"image[B,", graph.shots,
              ",3,H,W]\"\nexample_labels = \"conditions[B,", graph.shots, ',', examples.size(2), ",H,W]\"\n",
              graph.begins_with_crop ? "crop = \"image[B,3,H,W]\"\n" : "");
}

std::map<std::string, at::Tensor> values_at(const Fixture& fixture, const std::string& label) {
  return {{"s", fewshot_labels(fixture, label)},
          {"example_images", fixture.input("img_refs")},
          {"example_labels", fewshot_labels(fixture, "label_refs")}};
}

Tensors compute_evaluation(const Fixture& fixture, const FewShotGraph& graph) {
  GraphRun run;
  const std::vector<std::string> wanted = wanted_streams(fixture);
  run.text(text("[run]\nbatch = ", fixture.input("img_refs").size(0), '\n', inputs_of(fixture, graph), graph.nodes(),
                "[outputs]\nimage = \"fake\"\n"));
  run.want(wanted).weights("*", graph.wanted(fewshot_params(fixture)));
  run::Session& session = run.begin();
  Tensors outputs;
  for (const int64_t frame : fixture.config().at("frames").get<std::vector<int64_t>>()) {
    for (const auto& [input, value] : values_at(fixture, text("label_t", frame))) session.push(input, value);
    session.step();
    for (const auto& [name, stream] : streams()) {
      const bool is_wanted = std::find(wanted.begin(), wanted.end(), stream) != wanted.end();
      if (is_wanted && session.pull(stream).has_value())
        outputs[text('t', frame, '.', name)] = as_in_file(name, run.pull(stream));
    }
  }
  return outputs;
}

/// One step of training, whose loss counts for nothing here: what it looks at are the frame and the statistics after it.
Tensors compute_training_mode(const Fixture& fixture, const FewShotGraph& graph) {
  GraphRun run;
  std::vector<std::string> shown;
  for (const std::string& stream : wanted_streams(fixture)) shown.push_back(text('"', stream, '"'));
  const size_t frames = fixture.config().at("frames").size();
  run.text(text("[run]\nbatch = ", fixture.input("img_refs").size(0), "\nchunk = 1\nshow = [", join(shown), "]\n",
                inputs_of(fixture, graph), graph.nodes(),
                "[node.size]\nuse = \"loss.l1\"\nin.a = \"fake\"\nin.b = \"example_image\"\n[update.G]\nof = [\"*\"]\n",
                "lr = 1e-12\n[update.G.loss]\nsize = 1.0\n"));
  run.weights("*", graph.wanted(fewshot_params(fixture)));
  std::map<std::string, std::vector<Value>> given;
  for (size_t frame = 0; frame < frames; ++frame) {
    for (const auto& [input, value] : values_at(fixture, text("label_t", frame))) given[input].emplace_back(value);
  }
  train::Trainer& trainer = run.begin_training();
  Tensors outputs;
  int64_t frame = 0;
  trainer.train_clip(given, {}, [&](const train::ChunkResult&) {
    for (const auto& [name, stream] : streams()) {
      const auto watched = trainer.watched().find(stream);
      if (watched == trainer.watched().end() || watched->second.values.empty()) continue;
      outputs[text('t', frame, '.', name)] = as_in_file(name, watched->second.values.front().tensor());
    }
    ++frame;
  });
  for (const auto& [name, tensor] : trainer.learnt().save()) {
    for (const std::string& output : fixture.output_names()) {
      if (output.starts_with("after.") && name.starts_with("network/") && name.ends_with('/' + output.substr(6)))
        outputs[output] = tensor;
    }
  }
  return outputs;
}

Tensors compute_generator(const Fixture& fixture) {
  const FewShotGraph graph(fixture.config());
  const bool is_training = fixture.config().value("mode", "eval") == "train";
  return strided(fixture, is_training ? compute_training_mode(fixture, graph) : compute_evaluation(fixture, graph));
}

/// The refiner of faces: begins with a coarse crop.
Tensors compute_face(const Fixture& fixture) {
  FewShotGraph graph(fixture.config());
  graph.begins_with_crop = true;
  GraphRun run;
  run.text(text("[run]\nbatch = ", fixture.input("img_refs").size(0), '\n', inputs_of(fixture, graph), graph.nodes(),
                "[outputs]\nimage = \"fake\"\n"));
  run.want({"fake"}).weights("*", graph.wanted(fewshot_params(fixture)));
  run::Session& session = run.begin();
  for (const auto& [input, value] : values_at(fixture, "label")) session.push(input, value);
  session.push("crop", fixture.input("img_coarse"));
  session.step();
  return strided(fixture, {{"out", run.pull("fake").clone()}});
}

/// The files' README: 2e-4 of what is stored, at least 1. Statistics of a batch amplify rounding: in training as much again.
Tolerance tolerance_of_generator(const Fixture& fixture, const std::string& output) {
  if (output.ends_with(".ref_idx")) return {Tolerance::Measure::Largest, 0};
  const double largest = fixture.stored(output).abs().max().item<double>();
  const double bound = fixture.config().value("mode", "eval") == "eval" ? 2e-4 : 4e-4;
  if (output.find(".warp_") != std::string::npos) return tolerance_of_warped(bound);
  return {Tolerance::Measure::Largest, bound * std::max(1.0, largest)};
}

}  // namespace

void add_fewshot_generator_cases(Cases& cases) {
  cases["FewShotGenerator"] = {compute_generator, tolerance_of_generator};
  cases["FewShotGenerator.forward(img_coarse)"] = {compute_face, tolerance_of_generator};
}

}  // namespace weft::conformance
