// Predictors: S2S, PredNet, MCNet.
#include "framework/base/text.h"
#include "framework/gan/judgement.h"
#include "framework/testing/node_runner.h"
#include "plugins/prediction/mcnet_network.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/ids.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

namespace weft::conformance {
namespace {

using nlohmann::json;
using testing::NodeRunner;

/// Rounding of float sums; recurrences repeat it. Losses are sums over hundreds of thousands of values.
Tolerance tolerance_of_prediction(const Fixture&, const std::string&) {
  return {Tolerance::Measure::Largest, 5e-5};
}

at::Tensor number(const at::Tensor& scalar) {
  return scalar.reshape({1});
}

double loss(const std::string& type, const std::map<std::string, ParamValue>& params, const at::Tensor& a,
            const at::Tensor& b) {
  NodeRunner node(type);
  for (const auto& [name, value] : params) node.set(name, value);
  return node.input("a", a).input("b", b).run().tensor("value").item<double>();
}

// ---- S2S

Tensors compute_s2s(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const json& config = fixture.config();
  const auto classes = config.at("nclasses").get<int64_t>(), past = config.at("nInputFrames").get<int64_t>();
  const std::vector<int64_t> channels = config.at("channels");
  NodeRunner node("prediction.s2s");
  node.set("features", channels[0]).set("wide", channels[1]);
  std::vector<at::Tensor> window = (fixture.input("x") * 3).chunk(past, 1);  // frames, oldest first
  node.input("past", at::stack(window, 1));
  fill(node, fixture.params());
  node.run();
  Tensors outputs{{"coarse", node.tensor("coarse")}, {"out", node.tensor("scores")}};
  const at::Tensor target = fixture.input("target") * 3;
  double sum = 0;
  for (const auto& [predicted, wanted] :
       {std::pair{outputs["coarse"], at::avg_pool2d(target, 2)}, {outputs["out"], target.narrow(1, 0, classes)}}) {
    sum += loss("loss.l1", {}, predicted, wanted) + loss("loss.gradient_difference", {}, predicted, wanted);
  }
  outputs["loss"] = at::full({1}, sum);
  std::vector<at::Tensor> steps;
  for (int64_t step = 0; step < 3; ++step) {
    steps.push_back(node.clear_inputs().input("past", at::stack(window, 1)).run().tensor("scores"));
    window.erase(window.begin());
    window.push_back(steps.back());
  }
  outputs["ar3"] = at::stack(steps, 1);
  return outputs;
}

// ---- PredNet

struct Rollout {
  std::vector<at::Tensor> predictions, errors;
  at::Tensor state;
};

/// Frames in [-1, 1]; from step `extrapolate_from` on, the last prediction takes the place of the frame.
Rollout roll(const Fixture& fixture, const std::string& type, const std::vector<int64_t>& stack,
             const std::vector<int64_t>& hidden, const std::vector<at::Tensor>& frames, size_t extrapolate_from) {
  NodeRunner node(type);
  node.set("stack", stack).set("hidden", hidden).set("kernel", fixture.config().value("filters", int64_t{3}));
  node.input("image", frames.front());
  fill(node, fixture.params());
  Rollout rollout;
  for (size_t t = 0; t < frames.size(); ++t) {
    node.clear_inputs().input("image", t < extrapolate_from ? frames[t] : rollout.predictions.back());
    if (t > 0) node.input("state", rollout.state);
    node.run();
    rollout.predictions.push_back(node.tensor("prediction"));
    rollout.errors.push_back(node.tensor("errors"));
    rollout.state = node.tensor("state");
  }
  return rollout;
}

/// [B, T, 3, H, W] of [-1, 1] as the program has it.
at::Tensor in_range(const std::vector<at::Tensor>& frames, double brightest) {
  return (at::stack(frames, 1) + 1) * (brightest / 2);
}

/// A part of a packed state: kind 0 is hidden, 1 cells, 2 errors.
at::Tensor part_of_state(const at::Tensor& state, const std::vector<int64_t>& stack, const std::vector<int64_t>& hidden,
                         int kind, size_t layer, const at::Tensor& frame) {
  int64_t first = 0;
  for (int of = 0; of < 3; ++of) {
    for (size_t l = 0; l < stack.size(); ++l) {
      const int64_t channels = of == 2 ? 2 * stack[l] : hidden[l], h = frame.size(2) >> l, w = frame.size(3) >> l;
      if (of == kind && l == layer) return state.narrow(1, first, channels * h * w).reshape({-1, channels, h, w});
      first += channels * h * w;
    }
  }
  return {};
}

/// The loss of training: the mean over the steps but the first of the weighted errors of the layers.
at::Tensor loss_of(const Rollout& rollout, double of_upper) {
  at::Tensor sum = at::zeros({});
  for (size_t t = 1; t < rollout.errors.size(); ++t) {
    const at::Tensor errors = rollout.errors[t].mean(0);  // [L]
    sum = sum + errors[0] + errors.narrow(0, 1, errors.size(0) - 1).sum() * of_upper;
  }
  return number(sum / static_cast<double>(rollout.errors.size() - 1));
}

Tensors compute_prednet(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const json& config = fixture.config();
  const std::vector<int64_t> stack = config.at("stack_sizes"), hidden = config.at("R_stack_sizes");
  const auto from = config.at("extrap_start_time").get<size_t>();
  const std::vector<at::Tensor> frames = fixture.input("x").unbind(1);
  const Rollout seen = roll(fixture, "prediction.prednet", stack, hidden, frames, frames.size()),
                on = roll(fixture, "prediction.prednet", stack, hidden, frames, from);
  const auto state = [&](int kind, size_t layer) {
    return part_of_state(seen.state, stack, hidden, kind, layer, frames.front());
  };
  Tensors outputs{{"R0", state(0, 0)},
                  {"R_top", state(0, stack.size() - 1)},
                  {"C_top", state(1, stack.size() - 1)},
                  {"err", at::stack(seen.errors, 1)},
                  {"err_extrap", at::stack(on.errors, 1)},
                  {"loss_L0", loss_of(seen, 0)},
                  {"loss_Lall", loss_of(seen, 0.1)},
                  {"pred_extrap", in_range(on.predictions, 1)}};
  const int64_t kept = fixture.stored("pred_tail").size(1);
  const at::Tensor all = in_range(seen.predictions, 1);
  outputs["pred_tail"] = all.narrow(1, all.size(1) - kept, kept);
  const at::Tensor differences = (outputs["pred_extrap"] - in_range(frames, 1)).abs();
  outputs["loss_extrap"] = number(0.5 * differences.narrow(1, 1, differences.size(1) - 1).mean());
  return outputs;
}

Tensors compute_ported_prednet(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const json& config = fixture.config();
  const std::vector<at::Tensor> given = fixture.input("x").unbind(1);
  const auto kept = static_cast<size_t>(fixture.stored("preds").size(1));
  // The frames behind the given ones are not looked at; there are as many as the file has predictions for.
  std::vector<at::Tensor> frames = given;
  while (frames.size() < kept) frames.push_back(given.back());
  const Rollout rollout =
      roll(fixture, "prediction.prednet_port", config.at("A_channels"), config.at("R_channels"), frames, given.size());
  const std::vector<at::Tensor> errors(rollout.errors.begin(),
                                       rollout.errors.begin() + static_cast<int64_t>(given.size()));
  return {{"preds", in_range(rollout.predictions, 255)}, {"err", at::stack(errors, 2)}};
}

/// Frames are in [0, 255].
Tolerance tolerance_of_port(const Fixture&, const std::string&) {
  return {Tolerance::Measure::Largest, 255 * 5e-5};
}

// ---- MCNet

/// The files' channels are blue, green, red; the nodes' red, green, blue.
at::Tensor turned(const at::Tensor& frame) {
  return frame.flip(1);
}

std::vector<at::Tensor> frames_of(const Fixture& fixture, int64_t count) {
  std::vector<at::Tensor> frames;
  for (int64_t t = 0; t < count; ++t) frames.push_back(turned(fixture.input(text("target.", t))));
  return frames;
}

/// The predictions after K given frames, each from its own past.
at::Tensor predicted(const Fixture& fixture, const std::vector<at::Tensor>& frames, const char* decoder) {
  const json& config = fixture.config();
  const auto given = config.at("K").get<size_t>(), ahead = config.at("T").get<size_t>();
  NodeRunner node("prediction.mcnet");
  node.set("features", config.at("gf_dim").get<int64_t>()).set("decoder", decoder);
  node.input("image", frames[1]).input("previous", frames[0]);
  fill(node, fixture.params());
  std::vector<at::Tensor> all(frames.begin(), frames.begin() + static_cast<int64_t>(given)), made;
  at::Tensor state;
  for (size_t t = 1; t + 1 < given + ahead; ++t) {
    node.clear_inputs().input("image", all[t]).input("previous", all[t - 1]);
    if (state.defined()) node.input("state", state);
    node.run();
    state = node.tensor("state");
    if (t + 1 >= given) made.push_back(node.tensor("image")), all.push_back(made.back());
  }
  std::vector<at::Tensor> back;
  for (const at::Tensor& frame : made) back.push_back(turned(frame));
  return at::stack(back, 1);  // [B, T, C, H, W]
}

/// The encoder of motion and the LSTM on the first difference.
void add_first_step(const Fixture& fixture, const std::vector<at::Tensor>& frames, Tensors& outputs) {
  const json& config = fixture.config();
  nn::Module root;
  const prediction::McNetNetwork network(
      root, "", {.channels = config.at("c_dim").get<int64_t>(), .features = config.at("gf_dim").get<int64_t>()});
  const Tensors params = fixture.params();
  for (const auto& [key, parameter] : root.tensors()) parameter->set(params.at(key));
  const auto motion = network.motion((prediction::grey(frames[1]) - prediction::grey(frames[0])) / 2);
  const nn::LstmState state = network.step(motion, {});
  const at::Tensor unpooled = prediction::unpooled(motion.pooled);
  outputs["motion_pool3"] = motion.pooled;
  outputs["depool_of_motion_pool3"] = unpooled.narrow(1, 0, fixture.stored("depool_of_motion_pool3").size(1));
  outputs["lstm_h1"] = state.hidden;
  outputs["lstm_state1"] = at::cat({state.cell, state.hidden}, 1);
}

Tensors compute_mcnet(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const json& config = fixture.config();
  const auto given = config.at("K").get<int64_t>(), ahead = config.at("T").get<int64_t>();
  const std::vector<at::Tensor> frames = frames_of(fixture, given + ahead);
  Tensors outputs{{"pred_port", predicted(fixture, frames, "pytorch")},
                  {"pred_tf", predicted(fixture, frames, "tensorflow")}};
  add_first_step(fixture, frames, outputs);
  std::vector<at::Tensor> wanted;
  for (int64_t t = given; t < given + ahead; ++t) wanted.push_back(turned(frames[static_cast<size_t>(t)]));
  const at::Tensor a = outputs["pred_tf"].flatten(0, 1), b = at::stack(wanted, 1).flatten(0, 1);
  const at::Tensor a01 = (a + 1) / 2, b01 = (b + 1) / 2;
  outputs["Lp_tf"] = at::full({1}, loss("loss.l2", {}, a, b));
  outputs["Lp_port"] = at::full({1}, loss("loss.l2", {}, a01, b01));
  outputs["gdl_tf"] = at::full({1}, loss("loss.gradient_difference", {{"border", "zeros"}}, a01, b01));
  outputs["gdl_port"] =
      at::full({1}, loss("loss.gradient_difference", {{"border", "outside"}, {"differences", "signed"}}, a01, b01));
  return outputs;
}

Tensors compute_mcnet_discriminator(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const json& config = fixture.config();
  const at::Tensor clip =
      at::stack(frames_of(fixture, config.at("K").get<int64_t>() + config.at("T").get<int64_t>()), 1);
  const auto score = [&](const char* program, const char* prefix, const at::Tensor& clips) {
    NodeRunner node("prediction.mcnet_discriminator");
    node.set("program", program).set("features", config.at("df_dim").get<int64_t>());
    node.input("real", clips).input("fake", clips);
    fill(node, fixture.params_below(prefix, Fixture::FillNames::Rest));
    return node.run().value("judgement").as<gan::Judgement>().fakes.front().front().score;
  };
  const at::Tensor logit = score("pytorch", "port.", clip);
  return {{"port.logit", logit},
          {"port.sigmoid", at::sigmoid(logit)},
          {"tf.logit_batch2", score("tensorflow", "tf.", at::cat({clip, clip / 2}))}};
}

}  // namespace

void add_prediction_cases(Cases& cases) {
  cases["S2S: reference written from the Lua source (no peer was run)"] = {compute_s2s, tolerance_of_prediction};
  cases
      ["PredNet as defined by the Keras layer (reference written for this fixture; equal to the original step() run on "
       "a "
       "torch-backed Keras stub)"] = {compute_prednet, tolerance_of_prediction};
  cases["leido/pytorch-prednet PredNet as published (NOT equal to the Keras network)"] = {compute_ported_prednet,
                                                                                          tolerance_of_port};
  cases["mcnet_pytorch Generator (pred_port) and the same weights with the TensorFlow decoder rule (pred_tf)"] = {
      compute_mcnet, tolerance_of_prediction};
  cases
      ["mcnet_pytorch Discriminator (port.*, eval) and a TensorFlow-faithful one (tf.*, batch statistics over the "
       "batch "
       "[x; x/2])"] = {compute_mcnet_discriminator, tolerance_of_prediction};
}

}  // namespace weft::conformance
