#include "plugins/loss/masked.h"
#include <weft/node.h>

#include <ATen/ops/constant_pad_nd.h>

namespace weft::loss {
namespace {

/// Edges should be where they are in the target, however bright.
///
///   mean | |y_a - y'_a| - |y_b - y'_b| |^power  over vertical neighbours y, y', and the same over horizontal ones
///
/// Source: Mathieu et al. 2016, "Deep Multi-Scale Video Prediction Beyond Mean Square Error", section 3.2.
struct GradientDifference {
  static constexpr auto about =
      "Gradient difference loss (GDL) of two maps: compares the absolute differences between neighbouring pixels; it "
      "sharpens results that L1 and L2 blur";

  double power = 1;
  enum class Border { Inside, Zeros, Outside };
  Border border = Border::Inside;
  enum class Differences { Absolute, Signed };
  Differences differences = Differences::Absolute;

  void params(Params& p) {
    p("power", power, "exponent of the differences: 1, or 2 as in part of Mathieu et al.").above(0);
    p("border", border,
      "mean over the pairs of pixels within the map, each direction by its own count; or over all pixels, the last of "
      "which have a zero behind them (MCNet); or over all pixels and one more, with zeros around the map (MCNet's "
      "PyTorch port)",
      {{"inside", Border::Inside}, {"zeros", Border::Zeros}, {"outside", Border::Outside}});
    p("differences", differences,
      "compares the absolute values of the differences, as in the paper, or the differences with their signs, as in "
      "MCNet's PyTorch port",
      {{"absolute", Differences::Absolute}, {"signed", Differences::Signed}});
  }

  Out<"value", "scalar"> run(In<"a", "feature[B,C,H,W]"> a, In<"b", "feature[B,C,H,W]"> b) {
    const at::Tensor x = precise(*a), y = precise(*b);
    return along(x, y, 2) + along(x, y, 3);
  }

 private:
  at::Tensor along(const at::Tensor& a, const at::Tensor& b, int64_t axis) const {
    if (a.size(axis) < 2 && border == Border::Inside) return (a - b).sum() * 0;  // there are no pairs
    const at::Tensor apart = (steps(a, axis) - steps(b, axis)).abs();
    return (power == 1 ? apart : apart.pow(power)).mean();
  }

  at::Tensor steps(const at::Tensor& map, int64_t axis) const {
    const at::Tensor values = with_zeros(map, axis);
    const int64_t pairs = values.size(axis) - 1;
    const at::Tensor step = values.narrow(axis, 1, pairs) - values.narrow(axis, 0, pairs);
    return differences == Differences::Absolute ? step.abs() : step;
  }

  /// With the zeros that `border` adds to an axis, 2 or 3.
  at::Tensor with_zeros(const at::Tensor& map, int64_t axis) const {
    if (border == Border::Inside) return map;
    const int64_t before = border == Border::Outside ? 1 : 0;
    return axis == 3 ? at::constant_pad_nd(map, {before, 1}) : at::constant_pad_nd(map, {0, 0, before, 1});
  }
};

}  // namespace

void add_gradient_difference(Registry& registry) {
  registry.add<GradientDifference>("loss.gradient_difference");
}

}  // namespace weft::loss
