#include "framework/base/text.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/generator_graph.h"
#include "tests/conformance/graph_run.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/floor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace weft::conformance {
namespace {

using nlohmann::json;

/// What a rollout is made of: conditions from label maps (and instances) or as they are, given frames, networks.
struct Rollout {
  GeneratorConfig generator;
  int64_t classes = 0;  ///< 0: conditions come as maps
  bool uses_instances = false, uses_real_frames = false;
  std::vector<int64_t> foreground;

  static Rollout of(const json& config) {
    Rollout rollout;
    rollout.generator = GeneratorConfig::of(config);
    rollout.classes = config.value("label_nc", 0);
    rollout.uses_instances = config.value("use_instance", false);
    rollout.uses_real_frames = config.value("use_real_img", false);
    rollout.foreground = config.value("fg_labels", std::vector<int64_t>());
    // Without first frames the first one drawn has nothing to warp.
    if (config.value("no_first_img", false))
      rollout.generator.raw_until = std::max(rollout.generator.raw_until, rollout.generator.past + 1);
    return rollout;
  }

  /// From `labels` (and `instances`) to `s` and `cars`; F.
  std::string networks() const {
    std::string graph;
    if (classes > 0) {
      graph += text("[node.semantics]\nuse = \"semantics.one_hot\"\nin = \"labels\"\nclasses = ", classes, '\n');
      graph +=
          text("[node.s]\nuse = \"image.concat\"\nin = [\"semantics\"", uses_instances ? ", \"edges\"" : "", "]\n");
      if (uses_instances) graph += "[node.edges]\nuse = \"semantics.edges\"\nin = \"instances\"\n";
    }
    if (generator.has_foreground) {
      std::vector<std::string> ids;
      for (const int64_t id : foreground) ids.push_back(text(id));
      graph += text("[node.cars]\nuse = \"semantics.mask\"\nin = \"labels\"\nclasses = [", join(ids), "]\n");
    }
    return graph + generator_node(generator) + "in.s = \"s\"\nin.given = \"given\"\n" +
           (generator.has_foreground ? "in.foreground = \"cars\"\n" : "");
  }
};

at::Tensor frame_at(const at::Tensor& clip, int64_t t) {
  return clip.select(1, t);  // [B, T, C, H, W] -> [B, C, H, W]
}

at::Tensor labels_of(const Fixture& fixture, int64_t classes) {
  return at::floor((enlarge8(fixture.input("label_raw")) + 1) / 2 * static_cast<double>(classes))
      .clamp(0, static_cast<double>(classes - 1))
      .to(at::kLong);
}

at::Tensor instances_of(const Fixture& fixture) {
  return at::floor((enlarge8(fixture.input("inst_raw")) + 1) * 2).to(at::kLong);
}

Tensors compute_rollout(const Fixture& fixture) {
  Rollout rollout = Rollout::of(fixture.config());
  rollout.generator.updates_statistics = rollout.generator.statistics == "batch";
  GraphRun run;
  const int64_t batch = fixture.input(rollout.classes > 0 ? "label_raw" : "A_raw").size(0);
  std::string inputs = text("[run]\nbatch = ", batch, "\n[inputs]\ngiven = \"image[B,3,H,W]\"\n");
  if (rollout.classes > 0) {
    inputs +=
        text("labels = \"labels[B,1,H,W]\"\n", rollout.uses_instances ? "instances = \"instances[B,1,H,W]\"\n" : "");
  } else {
    inputs += text("s = \"conditions[B,", fixture.config().at("input_nc").get<int64_t>(), ",H,W]\"\n");
  }
  run.text(inputs + rollout.networks() + "[outputs]\nimage = \"F.image\"\n").want({"F.image", "s"});
  for (int64_t scale = 0; scale < rollout.generator.scales; ++scale)
    run.weights(scale_path(rollout.generator, scale), fixture.params(text('G', scale)));
  run::Session& session = run.begin();
  const bool from_labels = rollout.classes > 0;
  const at::Tensor conditions = from_labels ? labels_of(fixture, rollout.classes) : enlarge8(fixture.input("A_raw"));
  const at::Tensor instances = rollout.uses_instances ? instances_of(fixture) : at::Tensor();
  const at::Tensor real = rollout.uses_real_frames ? enlarge8(fixture.input("B_raw")) : at::Tensor();
  const int64_t past = rollout.generator.past, frames = fixture.config().at("frames").get<int64_t>();
  Tensors outputs;
  for (int64_t t = 0; t < past + frames; ++t) {
    const at::Tensor now = frame_at(conditions, t);
    session.push(from_labels ? "labels" : "s", now);
    if (rollout.uses_instances) session.push("instances", frame_at(instances, t));
    if (t < past)
      session.push("given", real.defined() ? frame_at(real, t)
                                           : at::zeros({now.size(0), 3, now.size(2), now.size(3)}, at::kFloat));
    session.step();
    if (t < past) continue;
    outputs[text("fake_B_", t - past)] = run.pull("F.image").clone();
    outputs[text("real_A_", t - past)] = run.pull("s").select(0, 0).clone();
  }
  for (const std::string& name : fixture.output_names()) {
    if (!name.starts_with("after.G")) continue;  // after.G0.model_down_seg.2.running_mean
    const int64_t scale = name[7] - '0';
    outputs[name] = run.parameter(scale_path(rollout.generator, scale), name.substr(9));
  }
  return outputs;
}

/// Five times what a relative change of 1e-6 in every weight does to the original's frames, but not below the
/// rounding of a single frame.
Tolerance tolerance_of_rollout(const Fixture& fixture, const std::string& output) {
  const json sensitivity = fixture.config().value("sensitivity_max_abs_for_1e6_relative_weight_noise", json::object());
  const double measured = sensitivity.contains(output) ? sensitivity.at(output).get<double>() : 0;
  const double rounding = fixture.config().value("mode", "eval") == "eval" ? 1e-4 : 5e-4;
  if (output.starts_with("real_A")) return {Tolerance::Measure::Largest, 1e-6};
  return {Tolerance::Measure::Largest, std::max(rounding, 5 * measured)};
}

std::string shared_folder() {
  const char* folder = std::getenv("WEFT_SHARED");
  return folder ? folder : std::string(WEFT_SOURCE_DIR) + "/../shared";
}

/// Real label maps and two real frames, read and resized by the nodes that a user's graph has.
Tensors compute_real_street(const Fixture& fixture) {
  const Rollout rollout = Rollout::of(fixture.config());
  const std::string street = shared_folder() + "/data/street";
  if (!std::filesystem::exists(street))
    throw Error(Exit::Data, street + " is not there; WEFT_SHARED names the folder above data/");
  GraphRun run;
  run.text(text("[node.labels]\nuse = \"media.label_folder\"\npath = \"", street, "/labels\"\nsize = [256, 512]\n",
                "[node.first]\nuse = \"media.image_folder\"\npath = \"", street, "/images\"\nsize = [256, 512]\n",
                "[stream]\ngiven = \"first before ", rollout.generator.past, "\"\n", rollout.networks(),
                "[outputs]\nimage = \"F.image\"\n"));
  run.want({"F.image"}).weights("F", fixture.params("G0"));
  run::Session& session = run.begin();
  Tensors outputs;
  for (int64_t t = 0; session.step(); ++t) {
    if (session.pull("F.image").has_value()) outputs[text("frame_", t)] = run.pull("F.image").clone();
  }
  return outputs;
}

/// With the statistics of each frame rounding grows from frame to frame: where the first frames agree to rounding,
/// the last ones still show the same picture.
Tolerance tolerance_of_real_street(const Fixture&, const std::string& output) {
  const int frame = std::atoi(output.substr(output.find('_') + 1).c_str());
  return {Tolerance::Measure::Mean, frame <= 5 ? 1e-4 : 1e-2};
}

}  // namespace

void add_rollout_cases(Cases& cases) {
  cases["Vid2VidModelG.inference rollout"] = {compute_rollout, tolerance_of_rollout};
  cases["Vid2VidModelG.inference rollout on shared/data/street"] = {compute_real_street, tolerance_of_real_street};
}

}  // namespace weft::conformance
