#include "plugins/metric/measure.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/replication_pad2d.h>

#include <cmath>

namespace weft::metric {
namespace {

/// A Gaussian of three deviations to each side; borders are repeated. [B, C, H, W] -> the same shape.
at::Tensor blurred(const at::Tensor& image, double deviation) {
  const auto radius = static_cast<int64_t>(std::ceil(3 * deviation)), size = 2 * radius + 1;
  const at::Tensor positions = at::arange(size, image.options()) - static_cast<double>(radius);
  at::Tensor weights = (positions.square() / (-2 * deviation * deviation)).exp();
  weights = weights / weights.sum();
  const at::Tensor planes = image.reshape({-1, 1, image.size(2), image.size(3)});
  const at::Tensor padded = at::replication_pad2d(planes, {radius, radius, radius, radius});
  return at::conv2d(at::conv2d(padded, weights.view({1, 1, size, 1})), weights.view({1, 1, 1, size})).view_as(image);
}

}  // namespace

void Measure::declare(Params& p) {
  p("measure", form, "the average of squared differences, as in Lai et al., or of absolute differences",
    {{"squared", Form::Squared}, {"absolute", Form::Absolute}});
  p("blur", blur,
    "standard deviation in pixels of a Gaussian blur of both frames: 2 keeps changes of colour and ignores those of "
    "fine detail; 0 is no blur")
      .min(0);
}

at::Tensor Measure::operator()(const at::Tensor& a, const at::Tensor& b, const at::Tensor* mask) const {
  constexpr double kRange = 2;
  const at::Tensor difference = (a.to(at::kFloat) - b.to(at::kFloat)) / kRange;
  const at::Tensor seen = blur > 0 ? blurred(difference, blur) : difference;
  const at::Tensor error = (form == Form::Squared ? seen.square() : seen.abs()).to(at::kDouble);
  if (!mask) return error.mean();
  const at::Tensor counts = mask->to(at::kDouble);  // [B, 1, H, W], for each channel
  const at::Tensor pixels = counts.sum() * error.size(1);
  return (error * counts).sum() / pixels.clamp_min(1e-12);
}

}  // namespace weft::metric
