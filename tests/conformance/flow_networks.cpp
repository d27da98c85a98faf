#include "framework/base/text.h"
#include "framework/testing/node_runner.h"
#include "plugins/flow/flownet.h"
#include "plugins/flow/operators.h"
#include "plugins/flow/raft.h"
#include "tests/conformance/perception.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

namespace weft::conformance {
namespace {

using testing::NodeRunner;

/// Rounding of float sums over a few hundred layers' worth of terms, in pixels. Confidences are yes or no: a flow that is
/// rounded otherwise may tip a pixel, so those are compared by their mean.
Tolerance tolerance_of_flow(const Fixture&, const std::string& output) {
  if (output == "conf") return {Tolerance::Measure::Mean, 1e-3};
  return {Tolerance::Measure::Largest, output == "flow" ? 1e-3 : 1e-4};
}

/// Sums of six products at most: the last digits.
Tolerance tolerance_of_operator(const Fixture&, const std::string&) {
  return {Tolerance::Measure::Largest, 1e-6};
}

void fill(nn::Module& module, const Tensors& params) {
  for (const auto& [key, parameter] : module.tensors()) parameter->set(params.at(key));
}

template <typename Network>
Tensors compute_decoder(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  nn::Module root;
  const Network network(root, "");
  fill(root, fixture.params());
  const auto flows = network(fixture.input("x"));
  Tensors outputs;
  for (size_t i = 0; i < flows.size(); ++i) outputs[text("flow", i + 2)] = flows[i];
  return outputs;
}

Tensors compute_fusion(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  nn::Module root;
  const flow::FlowNetFusion network(root, "");
  fill(root, fixture.params());
  return {{"flow0", network(fixture.input("x"))}};
}

Tensors compute_stack(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  nn::Module root;
  const flow::FlowNet2 network(root, "");
  fill(root, fixture.params());
  const at::Tensor frames = fixture.input("inputs");  // [B, 3, 2, H, W]
  return {{"flow", network(frames.select(2, 0), frames.select(2, 1), at::kFloat)}};
}

at::Tensor enlarged(const at::Tensor& low) {
  return at::upsample_bilinear2d(low, {low.size(2) * 8, low.size(3) * 8}, /*align_corners=*/false);
}

/// The pairs of a sequence are in the batch dimension.
Tensors compute_wrapper(const Fixture& fixture) {
  const at::Tensor current = enlarged(fixture.input("lo_A"));
  const at::Tensor previous = current + enlarged(fixture.input("lo_d")) * 0.05;
  NodeRunner node("flow.flownet2");
  node.set("threshold", fixture.config().at("conf_threshold").get<double>()).set("scale_by_height", true);
  node.input("current", current).input("previous", previous);
  fill(node.module(), fixture.params());
  node.run();
  return {{"flow", node.tensor("flow").unsqueeze(0)}, {"conf", node.tensor("confidence").unsqueeze(0)}};
}

Tensors compute_operators(const Fixture& fixture) {
  const at::Tensor a = fixture.input("a"), b = fixture.input("b");
  return {{"correlation", flow::correlation(a, b, 20, 2)},
          {"correlation_small", flow::correlation(a, b, 4, 1)},
          {"resample2d", flow::resample(a, fixture.input("flow_raw") * 7.5)},
          {"channelnorm", flow::channel_norm(a)}};
}

/// The flow goes from each frame to the next one, which is moved back; frames are in [0, 1].
Tensors compute_warp_error(const Fixture& fixture) {
  const auto given = [&](const std::string& name, int64_t t) {
    return fixture.stored(text("in.", name, t)).unsqueeze(0);
  };
  Tensors outputs;
  at::Tensor sum = at::zeros({1}, at::kDouble);
  const auto pairs = fixture.config().at("frames").get<int64_t>() - 1;
  for (int64_t t = 0; t < pairs; ++t) {
    NodeRunner visible("flow.visible"), error("metric.warp_error");
    const at::Tensor forward = given("fwd", t), next = given("frame", t + 1);
    visible.input("flow", forward).input("back", given("bwd", t)).run();
    error.input("image", given("frame", t) * 2 - 1).input("previous", next * 2 - 1).input("flow", forward);
    error.input("mask", visible.tensor("visible")).run();
    outputs[text("occ", t)] = 1 - visible.tensor("visible")[0][0];
    outputs[text("warped", t)] = flow::resample(next, forward)[0];
    outputs[text("err", t)] = error.tensor("value").reshape({1});
    sum = sum + outputs[text("err", t)];
  }
  outputs["warp_error"] = sum / static_cast<double>(pairs);
  return outputs;
}

template <flow::RaftKind Kind>
Tensors compute_raft(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  nn::Module root;
  const flow::Raft network(root, "", Kind);
  fill(root, fixture.params());
  const at::Tensor first = fixture.input("image1"), second = fixture.input("image2");
  const at::Tensor features = network.feature_encoder()(at::cat({first, second}));
  const std::vector<at::Tensor> halves = features.chunk(2);
  const flow::CorrelationPyramid pyramid(halves[0], halves[1]);
  const at::Tensor positions = flow::pixel_positions(halves[0]) + fixture.input("jitter") * 0.3;
  Tensors outputs = {{"fmaps", features},
                     {"context", network.context_encoder()(first)},
                     {"corr_features", pyramid.look_up(positions, network.radius())}};
  const auto flows = network(first, second, fixture.config().at("num_flow_updates").get<int64_t>(), at::kFloat);
  for (size_t i = 0; i < flows.size(); ++i) outputs[text("flow", i)] = flows[i];
  return outputs;
}

/// Each update reads the correlations where the one before led to, which multiplies rounding: as the files' README has it.
Tolerance tolerance_of_raft(const Fixture& fixture, const std::string& output) {
  if (!output.starts_with("flow")) return tolerance_by_size(fixture, output);
  return {Tolerance::Measure::Largest, 1e-3 * fixture.stored(output).abs().max().item<double>()};
}

}  // namespace

void add_flow_cases(Cases& cases) {
  cases["FlowNetC"] = {compute_decoder<flow::FlowNetC>, tolerance_of_flow};
  cases["FlowNetS"] = {compute_decoder<flow::FlowNetS>, tolerance_of_flow};
  cases["FlowNetSD"] = {compute_decoder<flow::FlowNetSD>, tolerance_of_flow};
  cases["FlowNetFusion"] = {compute_fusion, tolerance_of_flow};
  cases["FlowNet2"] = {compute_stack, tolerance_of_flow};
  cases["raft_large"] = {compute_raft<flow::RaftKind::Large>, tolerance_of_raft};
  cases["raft_small"] = {compute_raft<flow::RaftKind::Small>, tolerance_of_raft};
  cases["FlowNet (wrapper)"] = {compute_wrapper, tolerance_of_flow};
  cases["temporal warping error (Lai et al. 2018)"] = {compute_warp_error, tolerance_of_operator};
  cases["Correlation/Resample2d/ChannelNorm"] = {compute_operators, tolerance_of_operator};
}

}  // namespace weft::conformance
