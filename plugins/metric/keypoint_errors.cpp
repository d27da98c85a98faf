#include "plugins/metric/keypoint_errors.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>

#include <algorithm>
#include <limits>

namespace weft::metric {
namespace {

double number(const at::Tensor& tensor) {
  return tensor.to(at::kDouble).item<double>();
}

/// The mean of the chosen numbers, 0 of none.
double mean_where(const at::Tensor& numbers, const at::Tensor& chosen) {
  const double count = number(chosen.sum());
  return count == 0 ? 0 : number(at::where(chosen, numbers, numbers * 0).sum()) / count;
}

at::Tensor mean_of_rows(const at::Tensor& numbers, const at::Tensor& chosen) {
  return at::where(chosen, numbers, numbers * 0).sum(1) / chosen.sum(1).clamp_min(1);
}

/// Width and height of the boxes around the visible points: [B, 2]; 0 without any.
at::Tensor box_sides(const at::Tensor& points, const at::Tensor& visible) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const at::Tensor seen = visible.unsqueeze(2);
  const at::Tensor least = points.masked_fill(seen.logical_not(), kInfinity).amin({1});
  const at::Tensor most = points.masked_fill(seen.logical_not(), -kInfinity).amax({1});
  return (most - least).clamp_min(0);
}

}  // namespace

KeypointErrors compare_keypoints(const at::Tensor& points, const at::Tensor& target, double least) {
  const at::Tensor found = points.to(at::kDouble), wanted = target.to(at::kDouble);
  KeypointErrors errors;
  errors.visible = wanted.select(2, 2) > least;
  errors.found = errors.visible.logical_and(found.select(2, 2) > least);
  errors.distance = (found.narrow(2, 0, 2) - wanted.narrow(2, 0, 2)).square().sum(2).sqrt();
  const at::Tensor sides = box_sides(wanted.narrow(2, 0, 2), errors.visible);
  errors.extent = sides.amax({1});
  errors.area = sides.prod(1);
  return errors;
}

double KeypointErrors::mean() const {
  return mean_where(distance, found);
}

double KeypointErrors::relative_mean() const {
  const at::Tensor counts = found.logical_and((extent > 0).unsqueeze(1));
  return mean_where(distance / extent.clamp_min(1e-12).unsqueeze(1), counts);
}

at::Tensor KeypointErrors::mean_of_each() const {
  return mean_of_rows(distance, found);
}

double KeypointErrors::within(double alpha) const {
  const at::Tensor is_near = (distance <= extent.unsqueeze(1) * alpha).logical_and(found);
  return mean_where(is_near.to(at::kDouble), visible);
}

double KeypointErrors::recall() const {
  return mean_where(found.to(at::kDouble), visible);
}

int64_t KeypointErrors::visible_count() const {
  return visible.sum().item<int64_t>();
}

at::Tensor KeypointErrors::similarity(const std::vector<double>& sigmas) const {
  const at::Tensor widths = (2 * at::tensor(sigmas, distance.options())).square();  // [K]
  const at::Tensor scale = 2 * area.clamp_min(1e-12).unsqueeze(1) * widths;         // [B, K]
  const at::Tensor each = (-distance.square() / scale).exp() * found.to(at::kDouble);
  return mean_of_rows(each, visible);
}

std::vector<double> joint_sigmas(int64_t joints) {
  constexpr double kNose = 0.026, kEye = 0.025, kEar = 0.035, kShoulder = 0.079, kElbow = 0.072, kWrist = 0.062,
                   kHip = 0.107, kKnee = 0.087, kAnkle = 0.089;
  switch (joints) {
    case 17:
      return {kNose,  kEye,   kEye, kEar, kEar,  kShoulder, kShoulder, kElbow, kElbow,
              kWrist, kWrist, kHip, kHip, kKnee, kKnee,     kAnkle,    kAnkle};
    case 18:
      return {kNose, kShoulder, kShoulder, kElbow, kWrist, kShoulder, kElbow, kWrist, kHip,
              kKnee, kAnkle,    kHip,      kKnee,  kAnkle, kEye,      kEye,   kEar,   kEar};
    case 25:
      return {kNose, kShoulder, kShoulder, kElbow, kWrist, kShoulder, kElbow, kWrist, kHip,
              kHip,  kKnee,     kAnkle,    kHip,   kKnee,  kAnkle,    kEye,   kEye,   kEar,
              kEar,  kAnkle,    kAnkle,    kAnkle, kAnkle, kAnkle,    kAnkle};
    default:
      return {};
  }
}

}  // namespace weft::metric
