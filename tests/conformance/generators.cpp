#include "framework/base/text.h"
#include "framework/testing/node_runner.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/generator_graph.h"
#include "tests/conformance/graph_run.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/floor.h>

namespace weft::conformance {
namespace {

using nlohmann::json;
using testing::NodeRunner;

/// Networks in evaluation: rounding of float sums over a few hundred layers' worth of terms. Flows are in pixels,
/// up to 20 times as large. Normalising by the statistics of a single frame divides by small deviations and makes
/// rounding larger.
Tolerance tolerance_of_network(const Fixture& fixture, const std::string& output) {
  const bool is_flow = output.ends_with("flow");
  const double bound = fixture.config().value("mode", "eval") == "eval" ? 1e-4 : 5e-4;
  return {Tolerance::Measure::Largest, is_flow ? 10 * bound : bound};
}

/// Frames t - L … t out of one tensor whose channels hold them one after the other.
std::vector<at::Tensor> frames_of(const at::Tensor& joined, int64_t frames) {
  std::vector<at::Tensor> split;
  for (const at::Tensor& frame : joined.chunk(frames, 1)) split.push_back(frame.contiguous());
  return split;
}

/// The outputs of one scale under the names of the fixtures.
void pull_scale(const GraphRun& run, const GeneratorConfig& config, const std::string& path, const std::string& prefix,
                Tensors& outputs) {
  outputs[prefix + "img_final"] = run.pull(path + ".image");
  outputs[prefix + "img_raw"] = run.pull(path + ".raw");
  outputs[prefix + "img_feat"] = run.pull(path + ".feature_image");
  if (config.has_flow) {
    outputs[prefix + "flow"] = run.pull(path + ".flow");
    outputs[prefix + "weight"] = run.pull(path + ".mask");
    outputs[prefix + "flow_feat"] = run.pull(path + ".feature_flow");
  }
  if (config.has_foreground) outputs[prefix + "img_fg_feat"] = run.pull(path + ".feature_front");
}

std::vector<std::string> outputs_of_scale(const GeneratorConfig& config, const std::string& path) {
  std::vector<std::string> names = {"image", "raw", "feature_image"};
  if (config.has_flow) names.insert(names.end(), {"flow", "mask", "feature_flow"});
  if (config.has_foreground) names.emplace_back("feature_front");
  for (std::string& name : names) name = text(path, '.', name);
  return names;
}

/// One frame of the video generator at any number of scales, as the graphs of graphs/parts make it.
Tensors compute_composite(const Fixture& fixture) {
  const GeneratorConfig config = GeneratorConfig::of(fixture.config());
  const at::Tensor conditions = fixture.input("input");
  // The number of channels need not be that of so many frames.
  const bool is_joined = conditions.size(1) % (config.past + 1) != 0;
  GraphRun run;
  if (is_joined) run.join_conditions();
  run.text(text("[run]\nbatch = ", conditions.size(0), "\n[inputs]\ns = \"conditions[B,",
                is_joined ? conditions.size(1) : conditions.size(1) / (config.past + 1),
                ",H,W]\"\ngiven = \"image[B,3,H,W]\"\nmask = \"foreground_mask[B,1,H,W]?\"\n", generator_node(config),
                "in.s = \"s\"\nin.given = \"given\"\nin.foreground = \"mask\"\n[outputs]\nimage = \"F.image\"\n"));
  if (config.has_foreground) run.give({"mask"});
  std::vector<std::string> wanted;
  for (int64_t scale = 0; scale < config.scales; ++scale) {
    const std::string path = scale_path(config, scale);
    for (const std::string& name : outputs_of_scale(config, path)) wanted.push_back(name);
    run.weights(path, fixture.params(config.scales == 1 ? "" : text('G', scale)));
  }
  run.want(wanted);
  run::Session& session = run.begin();
  const std::vector<at::Tensor> past = frames_of(fixture.input("img_prev"), config.past);
  std::vector<at::Tensor> s(static_cast<size_t>(config.past) + 1, conditions);
  if (!is_joined) s = frames_of(conditions, config.past + 1);
  const at::Tensor mask = config.has_foreground ? (fixture.input("mask_raw") + 1) / 2 : at::Tensor();
  for (int64_t t = 0; t <= config.past; ++t) {
    session.push("s", s[static_cast<size_t>(t)]);
    if (t < config.past) session.push("given", past[static_cast<size_t>(t)]);
    if (config.has_foreground) session.push("mask", mask);
    session.step();
  }
  Tensors outputs;
  for (int64_t scale = 0; scale < config.scales; ++scale) {
    pull_scale(run, config, scale_path(config, scale), config.scales == 1 ? "" : text('s', scale, '.'), outputs);
  }
  return outputs;
}

void fill(NodeRunner& node, const Fixture& fixture) {
  const Tensors params = fixture.params();
  for (const auto& [key, parameter] : node.module().tensors()) parameter->set(params.at(key));
}

NodeRunner& with_norm(NodeRunner& node, const json& config) {
  return node.set("norm", config.value("norm", std::string("instance"))).set("statistics", statistics_of(config));
}

Tensors compute_global(const Fixture& fixture) {
  const json& config = fixture.config();
  NodeRunner node("vid2vid.global_generator");
  with_norm(node, config)
      .set("features", config.at("ngf").get<int64_t>())
      .set("down", config.at("n_downsampling").get<int64_t>());
  node.set("blocks", config.at("n_blocks").get<int64_t>()).input("s", fixture.input("input"));
  fill(node, fixture);
  return {{"out", node.run().tensor("image")}};
}

Tensors compute_local(const Fixture& fixture) {
  const json& config = fixture.config();
  NodeRunner node("vid2vid.local_enhancer");
  with_norm(node, config)
      .set("features", config.at("ngf").get<int64_t>())
      .set("down", config.at("n_downsample_global").get<int64_t>());
  node.set("blocks", config.at("n_blocks_global").get<int64_t>())
      .set("local_blocks", config.at("n_blocks_local").get<int64_t>());
  node.input("s", fixture.input("input"));
  fill(node, fixture);
  return {{"out", node.run().tensor("image")}};
}

Tensors compute_with_z(const Fixture& fixture) {
  const json& config = fixture.config();
  NodeRunner node("vid2vid.global_with_z");
  with_norm(node, config)
      .set("features", config.at("ngf").get<int64_t>())
      .set("down", config.at("n_downsample_G").get<int64_t>());
  node.set("blocks", config.at("n_blocks").get<int64_t>())
      .input("s", fixture.input("x"))
      .input("z", fixture.input("z"));
  fill(node, fixture);
  return {{"out", node.run().tensor("image")}};
}

Tensors compute_encoder(const Fixture& fixture) {
  const json& config = fixture.config();
  NodeRunner node("vid2vid.encoder");
  with_norm(node, config)
      .set("features", config.at("ngf").get<int64_t>())
      .set("down", config.at("n_downsampling").get<int64_t>());
  node.set("out", config.at("output_nc").get<int64_t>()).input("image", fixture.input("input"));
  node.input("regions", at::floor((fixture.input("inst_raw") + 1) * 2.5).to(at::kLong));
  fill(node, fixture);
  return {{"out", node.run().tensor("feature")}};
}

}  // namespace

void add_generator_cases(Cases& cases) {
  cases["CompositeGenerator"] = {compute_composite, tolerance_of_network};
  cases["CompositeGenerator+CompositeLocalGenerator"] = {compute_composite, tolerance_of_network};
  cases["GlobalGenerator"] = {compute_global, tolerance_of_network};
  cases["LocalEnhancer"] = {compute_local, tolerance_of_network};
  cases["Global_with_z"] = {compute_with_z, tolerance_of_network};
  cases["Encoder"] = {compute_encoder, tolerance_of_network};
}

}  // namespace weft::conformance
