#include "framework/base/text.h"
#include "framework/report/preference.h"
#include "framework/testing/node_runner.h"
#include "plugins/metric/confusion.h"
#include "plugins/metric/keypoint_errors.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/rules.h"
#include <weft/backbones.h>
#include <weft/vision.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>

namespace weft::conformance {
namespace {

using testing::NodeRunner;
using Measure = Tolerance::Measure;

/// The files keep floats: a millionth of the largest number.
Tolerance of_numbers(const Fixture& fixture, const std::string& output) {
  return {Measure::Largest, 1e-6 * fixture.stored(output).abs().max().item<double>() + 1e-9};
}

at::Tensor values_of(const std::vector<double>& numbers) {
  return at::tensor(numbers, at::kDouble);
}

at::Tensor in_double(const Fixture& fixture, const std::string& name) {
  return fixture.input(name).to(at::kDouble);
}

// ---- Errors and structural similarity of images

/// u in [0, 1] in the units of the rule: "u", "2u-1", "floor(256*u) clamped to 255".
at::Tensor scaled(const Fixture& fixture, const at::Tensor& u) {
  const auto rule = fixture.config().at("scaling").get<std::string>();
  if (rule == "u") return u;
  if (rule.starts_with("floor")) {
    return (u * factor_before(fixture, "scaling", "u)"))
        .floor()
        .clamp_max(number_after(fixture, "scaling", "clamped to"));
  }
  return u * number_after(fixture, "scaling", "^") + number_after(fixture, "scaling", "u");
}

at::Tensor disturbed(const at::Tensor& u, const at::Tensor& by, double amplitude) {
  return (u + amplitude * by).clamp(0, 1);
}

/// The value of a node for each image alone.
at::Tensor of_each(const char* type, const std::vector<std::pair<const char*, ParamValue>>& params, const at::Tensor& x,
                   const at::Tensor& y) {
  std::vector<at::Tensor> values;
  for (int64_t i = 0; i < x.size(0); ++i) {
    NodeRunner node(type);
    for (const auto& [name, value] : params) node.set(name, value);
    node.input("a", x.narrow(0, i, 1)).input("b", y.narrow(0, i, 1));
    values.push_back(node.run().tensor("value"));
  }
  return at::stack(values);
}

Tensors compare_images(const Fixture& fixture) {
  const at::Tensor u = (fixture.input("x") + 1) / 2;
  const at::Tensor x = scaled(fixture, u);
  const at::Tensor y = scaled(fixture, disturbed(u, fixture.input("y"), factor_before(fixture, "y", "inp('y')")));
  const auto range = fixture.config().at("data_range").get<double>();
  const int64_t size = fixture.config().value("window_size", 11);
  const auto ssim = [&](const char* window, int64_t window_size) {
    return of_each("metric.ssim", {{"window", std::string(window)}, {"window_size", window_size}, {"range", range}}, x,
                   y);
  };
  const at::Tensor wide_x = x.to(at::kDouble), wide_y = y.to(at::kDouble);
  Tensors outputs = {{"skimage_gauss", ssim("gaussian", size)},
                     {"skimage_uniform7_default", ssim("uniform", 7)},
                     {"pytorch_msssim", ssim("gaussian", size)},
                     {"torchmetrics", ssim("gaussian_reflected", 11)},
                     {"skimage_map0", vision::ssim_picture(wide_x, wide_y, range)[0]},
                     {"mse", of_each("metric.mse", {{"range", 1.0}}, x, y)},
                     {"mae", of_each("metric.l1", {{"range", 1.0}}, x, y)},
                     {"psnr_per_image", of_each("metric.psnr", {{"range", range}}, x, y)}};
  outputs["psnr_global"] = (10 * (range * range / outputs["mse"].mean()).log10()).reshape({1});
  return outputs;
}

/// The original computes torchmetrics' variant in floats: values of 255 squared lose digits. Of its maps a millionth of the
/// largest value is all that floats keep.
Tolerance of_similarity(const Fixture& fixture, const std::string& output) {
  Tolerance tolerance = of_numbers(fixture, output);
  if (output == "torchmetrics") tolerance.bound = std::max(tolerance.bound, 1e-5);
  return tolerance;
}

/// pytorch-msssim makes its window in floats: the weights sum up to 1 within 1e-7, which the small variances of coarse scales
/// amplify (3e-6 seen).
Tolerance of_scales(const Fixture& fixture, const std::string& output) {
  Tolerance tolerance = of_numbers(fixture, output);
  if (!output.starts_with("torchmetrics")) tolerance.bound = std::max(tolerance.bound, 1e-5);
  return tolerance;
}

Tensors compare_scales(const Fixture& fixture) {
  const auto& config = fixture.config();
  const at::Tensor u = (fixture.input("x") + 1) / 2;
  const at::Tensor y = disturbed(u, fixture.input("y"), config.at("amp").get<double>());
  const auto range = config.at("data_range").get<double>();
  const auto weights = config.at("weights").get<std::array<double, vision::kMsSsimScales>>();
  const auto own = vision::ms_ssim(u, y, range, vision::MsSsimForm::Pytorch, weights);
  Tensors outputs = {
      {"pytorch_msssim", own.value},
      {"torchmetrics_relu", vision::ms_ssim(u, y, range, vision::MsSsimForm::Torchmetrics, weights).value}};
  for (size_t scale = 0; scale < vision::kMsSsimScales; ++scale) {
    outputs[text("ssim_l", scale)] = own.similarity[scale];
    outputs[text("cs_l", scale)] = own.contrast[scale];
  }
  return outputs;
}

// ---- Accuracy of labels

Tensors count_confusion(const Fixture& fixture) {
  const auto& config = fixture.config();
  const auto classes = config.at("num_classes").get<int64_t>(), dropped = config.at("DROP").get<int64_t>();
  const auto labels = [&](const char* name) {
    return ((fixture.input(name) + 1) / 2 * static_cast<double>(classes))
        .floor()
        .clamp_max(static_cast<double>(classes - 1));
  };
  const auto without_dropped = [&](const at::Tensor& ids) {
    return at::where(ids == static_cast<double>(dropped),
                     at::ones_like(ids) * static_cast<double>((dropped + 1) % classes), ids);
  };
  const at::Tensor whole = without_dropped(labels("gt"));
  const at::Tensor is_flipped = fixture.input("flip") < number_after(fixture, "pred", "inp\\('flip'\\)<");
  const at::Tensor prediction = without_dropped(at::where(is_flipped, labels("alt"), whole));
  const at::Tensor is_ignored = fixture.input("ign") > number_after(fixture, "gt", "inp\\('ign'\\)>");
  const at::Tensor target = whole.masked_fill(is_ignored, config.at("ignore").get<double>());
  metric::Confusion confusion(classes);
  confusion.add(target, prediction);
  const auto found = confusion.accuracy();
  constexpr int64_t kHead = 64;
  return {{"confusion", confusion.counts()},
          {"pixel_acc", values_of({found.pixel})},
          {"mean_acc", values_of({found.classes})},
          {"miou", values_of({found.mean_iou})},
          {"miou_zero_absent", values_of({found.mean_iou_of_all})},
          {"fw_iou", values_of({found.weighted_iou})},
          {"iou", found.iou.nan_to_num(-1)},
          {"gt_head", target.flatten().narrow(0, 0, kHead)},
          {"pred_head", prediction.flatten().narrow(0, 0, kHead)}};
}

// ---- Errors of flow and of key points

Tensors compare_flow(const Fixture& fixture) {
  const at::Tensor flow = factor_before(fixture, "pred", "inp('flow')") * in_double(fixture, "flow");
  const at::Tensor target = flow + factor_before(fixture, "gt", "inp('dflow')") * in_double(fixture, "dflow");
  const at::Tensor mask = fixture.input("valid") > number_after(fixture, "valid", "inp\\('valid'\\)>");
  NodeRunner node("metric.flow_error");
  node.input("flow", flow).input("target", target).input("mask", mask.to(at::kFloat).unsqueeze(1)).run();
  const auto number = [&](const char* output) { return node.tensor(output).reshape({1}); };
  return {{"epe", number("epe")},
          {"px1", number("within_1px")},
          {"px3", number("within_3px")},
          {"px5", number("within_5px")},
          {"fl_all", number("fl")}};
}

Tensors compare_poses(const Fixture& fixture) {
  const at::Tensor target = factor_before(fixture, "gt", "(inp('gt')") * (in_double(fixture, "gt") + 1);
  const at::Tensor points = target + factor_before(fixture, "pred", "inp('dp')") * in_double(fixture, "dp");
  const at::Tensor visible = fixture.input("vis") > number_after(fixture, "vis", "inp\\('vis'\\)>");
  const at::Tensor confidence = visible.to(at::kDouble).unsqueeze(2);
  const auto errors =
      metric::compare_keypoints(at::cat({points, confidence}, 2), at::cat({target, confidence}, 2), 0.5);
  Tensors outputs = {{"mpjpe", values_of({errors.mean()})},
                     {"mpjpe_per_person", errors.mean_of_each()},
                     {"oks", errors.similarity(fixture.config().at("oks_sigma").get<std::vector<double>>())}};
  for (const std::string& name : fixture.output_names()) {
    if (name.starts_with("pck_")) outputs[name] = values_of({errors.within(std::stod(name.substr(4)))});
  }
  return outputs;
}

// ---- Preferences

at::Tensor rows_of(const std::vector<report::Interval>& intervals) {
  std::vector<double> numbers;
  for (const report::Interval& interval : intervals) numbers.insert(numbers.end(), {interval.low, interval.high});
  return values_of(numbers).view({-1, 2});
}

Tensors judge_preferences(const Fixture& fixture) {
  const auto& config = fixture.config();
  std::vector<report::Interval> wilson, exact;
  std::vector<double> p_values;
  for (const auto& [wins, answers] : config.at("wilson_cases").get<std::vector<std::pair<int64_t, int64_t>>>()) {
    wilson.push_back(report::wilson_interval(wins, answers, config.at("z").get<double>()));
    exact.push_back(report::clopper_pearson_interval(wins, answers));
    p_values.push_back(report::binomial_p_value(wins, answers));
  }
  const auto strengths = report::bradley_terry(config.at("wins").get<std::vector<std::vector<double>>>());
  return {{"wilson", rows_of(wilson)},
          {"clopper_pearson", rows_of(exact)},
          {"binomial_two_sided_p", values_of(p_values)},
          {"bt_p", values_of(strengths.shares)},
          {"bt_log_strength", values_of(strengths.log_strengths)},
          {"bt_se", values_of(strengths.errors)},
          {"bt_elo", values_of(strengths.elo())},
          {"bt_loglik", values_of({strengths.log_likelihood})}};
}

// ---- Clips

Tensors prepare_clips(const Fixture& fixture) {
  using backbones::ClipShape;
  const at::Tensor video = (fixture.input("video") + 1) / 2;  // [C, T, H, W]
  const auto prepared = [&](ClipShape shape) {
    return backbones::resized_clip(video.unsqueeze(0), 224, shape)[0] * 2 - 1;
  };
  const at::Tensor small =
      vision::resize(video.transpose(0, 1), video.size(2) / 3, video.size(3) / 3, vision::Filter::Bilinear);
  return {{"crop224", prepared(ClipShape::Crop)},
          {"square224", prepared(ClipShape::Square)},
          {"aa", small.transpose(0, 1)}};
}

/// Positions between pixels are floats.
Tolerance of_pixels(const Fixture&, const std::string&) {
  return {Measure::Largest, 1e-5};
}

}  // namespace

void add_metric_cases(Cases& cases) {
  cases["SSIM/PSNR/MSE/MAE"] = {compare_images, of_similarity};
  cases["MS-SSIM"] = {compare_scales, of_scales};
  cases["confusion matrix, pixel accuracy, mIoU"] = {count_confusion, of_numbers};
  cases["EPE, 1/3/5px, Fl-all"] = {compare_flow, of_numbers};
  cases["pose error"] = {compare_poses, of_numbers};
  cases["A/B preference statistics"] = {judge_preferences, of_numbers};
  cases["clip preprocessing"] = {prepare_clips, of_pixels};
  add_distance_cases(cases);
}

}  // namespace weft::conformance
