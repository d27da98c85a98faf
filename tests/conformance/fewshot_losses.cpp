// Losses of few-shot vid2vid: their formulas, and all of them together with the masks of poses.
#include "framework/base/text.h"
#include "framework/gan/judgement.h"
#include "framework/testing/node_runner.h"
#include "framework/weights/fill.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/fewshot_config.h"
#include "tests/conformance/fewshot_judges.h"
#include "tests/conformance/graph_run.h"
#include "tests/conformance/strides.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/floor.h>
#include <ATen/ops/scalar_tensor.h>
#include <c10/core/GradMode.h>

#include <algorithm>

namespace weft::conformance {
namespace {

using nlohmann::json;
using testing::NodeRunner;

at::Tensor number(double value) {
  return at::scalar_tensor(value, at::kFloat).reshape({1});
}

/// The scores of a judgement of two scales, as real and as fake.
gan::Judgement judgement_of(const Fixture& fixture) {
  std::vector<gan::Verdict> verdicts(2);
  verdicts[0].features = {fixture.input("a0")};
  verdicts[0].score = fixture.input("p0");
  verdicts[1].score = fixture.input("p1");
  gan::Judgement judgement;
  judgement.real = verdicts;
  judgement.fakes = {verdicts};
  return judgement;
}

Tensors compute_primitives(const Fixture& fixture) {
  Tensors outputs;
  for (const auto& [original, kind] :
       {std::pair{"ls", "least_squares"}, {"hinge", "hinge"}, {"original", "vanilla"}, {"w", "wasserstein"}}) {
    NodeRunner node("loss.gan");
    node.set("kind", kind).set("scales", "mean").input("in", judgement_of(fixture)).run();
    outputs[text(original, ".fake.D")] = node.tensor("fake").reshape({1});
    outputs[text(original, ".real.D")] = node.tensor("real").reshape({1});
    outputs[text(original, ".real.G")] = node.tensor("generator").reshape({1});
  }
  NodeRunner l1("loss.l1"), kl("loss.kl");
  const at::Tensor mask = (fixture.input("m") > 0).to(at::kFloat);
  l1.input("a", fixture.input("p")).input("b", fixture.input("q")).input("mask", mask).run();
  kl.input("mean", fixture.input("mu")).input("log_variance", fixture.input("lv")).run();
  outputs["masked_l1"] = l1.tensor("value").reshape({1});
  outputs["kld"] = kl.tensor("value").reshape({1});
  return outputs;
}

/// A pose map whose third channel is a picture of part numbers, as the file's notes say.
at::Tensor pose_label(const Fixture& fixture, const std::string& name) {
  at::Tensor label = fixture.input(name).flatten(0, 1);  // [B, 6, H, W]
  const at::Tensor cells =
      weights::fill_input(name + ".part", {label.size(0), 1, label.size(2) / 8, label.size(3) / 8});
  const at::Tensor parts = enlarge8(at::floor((cells + 1) / 2 * 40 - 15).clamp(0, 24));
  label.select(1, 2).copy_(parts.select(1, 0) / 24 * 2 - 1);
  return label;
}

at::Tensor frame_of(const Fixture& fixture, const std::string& name) {
  const at::Tensor value = fixture.input(name);
  return value.dim() == 5 ? value.flatten(0, 1) : value;
}

std::map<std::string, at::Tensor> inputs_of(const Fixture& fixture) {
  const auto in = [&](const char* name) { return frame_of(fixture, name); };
  const auto mask = [&](const char* name) { return (in(name) + 1) / 2; };
  const auto sure = [&](const char* name) { return (in(name) > 0).to(at::kFloat); };
  return {{"real", in("tgt_image")},
          {"fake", in("fake_image")},
          {"raw", in("fake_raw")},
          {"s_full", pose_label(fixture, "tgt_label")},
          {"example_full", pose_label(fixture, "ref_label")},
          {"example_image", in("ref_image")},
          {"flow_e", in("flow_ref") * 3},
          {"mask_e", mask("mask_ref")},
          {"warped_e", in("warp_ref")},
          {"reference_e", in("flow_gt") * 3},
          {"sure_e", sure("conf")},
          {"flow_p", in("flow_prev") * 3},
          {"mask_p", mask("mask_prev")},
          {"warped_p", in("warp_prev")},
          {"reference_p", in("flow_gt_prev") * 3},
          {"sure_p", sure("conf_prev")}};
}

FewShotJudges judges_of(const Fixture& fixture) {
  FewShotJudges judges(fixture.config());
  judges.has_raw = !judges.combines;
  judges.warps_example = judges.has_previous = true;
  judges.is_temporal = fixture.config().value("tD", 2) >= 2 && fixture.config().value("lambda_temp", 0.0) > 0;
  judges.face_size = fixture.config().at("H").get<int64_t>() / 4;
  return judges;
}

const std::map<std::string, std::string>& masks() {
  static const std::map<std::string, std::string> kMasks = {
      {"fg_mask", "body.foreground"}, {"ref_fg_mask", "example_body.foreground"},
      {"face_mask", "body.face"},     {"part_mask", "body.parts"},
      {"tgt_label_valid", "s"},       {"body_mask_diff", "mask_error_pose.difference"},
      {"fg_union", "union"},          {"face_box_ysyexsxe", "face_box"},
      {"face_crop", "face_fake"}};
  return kMasks;
}

Tensors compute_losses(const Fixture& fixture) {
  const FewShotJudges judges = judges_of(fixture);
  const std::map<std::string, at::Tensor> inputs = inputs_of(fixture);
  std::string graph = text("[run]\nbatch = ", inputs.at("real").size(0), "\n[inputs]\n");
  for (const auto& [name, value] : inputs) {
    const bool is_label = value.size(1) == 6;
    graph += text(name, " = \"",
                  is_label             ? "conditions"
                  : value.size(1) == 3 ? "image"
                  : value.size(1) == 2 ? "flow"
                                       : "mask",
                  "[B,", value.size(1), ",H,W]\"\n");
  }
  graph += judges.label_nodes() + judges.nodes();
  // What the file stores beside the losses.
  graph +=
      "[node.ones]\nuse = \"fewshot.masked\"\nin.map = \"one\"\nin.masks = [\"body.foreground\", "
      "\"example_body.foreground\"]\n"
      "[stream]\nunion = \"ones\"\n[node.one]\nuse = \"tensor.constant\"\nvalue = 1.0\nsize = [" +
      text(inputs.at("real").size(2), ", ", inputs.at("real").size(3), "]\n");
  if (!judges.has_faces) graph += "[node.face_box]\nuse = \"fewshot.face_box\"\nin = \"s_full\"\n";
  std::vector<std::string> wanted;
  const auto want = [&](const std::string& stream) {
    if (std::find(wanted.begin(), wanted.end(), stream) == wanted.end()) wanted.push_back(stream);
  };
  for (const auto& [name, terms] : judges.terms())
    for (const FewShotJudges::Term& term : terms) want(term.stream);
  for (const auto& [name, stream] : masks()) {
    if (judges.has_faces || name != "face_crop") want(stream);
  }
  GraphRun run;
  run.text(with_one_stream_table(graph)).want(wanted);
  for (const auto& [path, net] : {std::pair{"D", "netD:"}, {"D_T", "netDT:"}, {"D_f", "netDf:"}}) {
    Tensors params = fewshot_params(fixture, net);
    if (!params.empty() && (std::string(path) != "D_f" || judges.has_faces)) run.weights(path, params);
  }
  run::Session& session = run.begin();
  for (int64_t t = 0; t < 2; ++t) {
    for (const auto& [name, value] : inputs) {
      const bool is_before = t == 0 && (name == "real" || name == "fake");
      session.push(name, is_before ? frame_of(fixture, "prev_" + name) : value);
    }
    session.step();
  }
  Tensors outputs;
  for (const auto& [name, terms] : judges.terms()) {
    double sum = 0;
    for (const FewShotJudges::Term& term : terms) sum += term.weight * run.pull(term.stream).item<double>();
    outputs[name] = number(sum);
  }
  for (const auto& [name, stream] : masks()) {
    if (judges.has_faces || name != "face_crop") outputs[name] = run.pull(stream).clone();
  }
  at::Tensor& box = outputs["face_box_ysyexsxe"];
  const at::Tensor corners = box.narrow(2, 0, 2).flip(2).transpose(1, 2).flatten(1);  // y, y, x, x
  box = corners.to(fixture.stored("face_box_ysyexsxe").scalar_type());
  return strided(fixture, std::move(outputs));
}

/// The files' README: 2e-4 of what is stored, at least 1.
Tolerance tolerance_of_losses(const Fixture& fixture, const std::string& output) {
  const double largest = fixture.stored(output).to(at::kDouble).abs().max().item<double>();
  return {Tolerance::Measure::Largest, 2e-4 * std::max(1.0, largest)};
}

Tolerance tolerance_of_primitives(const Fixture&, const std::string&) {
  return {Tolerance::Measure::Largest, 1e-6};
}

}  // namespace

void add_fewshot_loss_cases(Cases& cases) {
  cases["GANLoss/MaskedL1Loss/KLDLoss"] = {compute_primitives, tolerance_of_primitives};
  cases["LossCollector"] = {compute_losses, tolerance_of_losses};
}

}  // namespace weft::conformance
