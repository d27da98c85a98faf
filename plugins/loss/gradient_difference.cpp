#include "plugins/loss/masked.h"
#include <weft/node.h>

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
  enum class Border { Inside, Zeros };
  Border border = Border::Inside;

  void params(Params& p) {
    p("power", power, "exponent of the differences: 1, or 2 as in part of Mathieu et al.").above(0);
    p("border", border,
      "mean over the pairs of pixels within the map, each direction by its own count, or over all pixels, with a "
      "difference of 0 at the last column and row (MCNet)",
      {{"inside", Border::Inside}, {"zeros", Border::Zeros}});
  }

  Out<"value", "scalar"> run(In<"a", "feature[B,C,H,W]"> a, In<"b", "feature[B,C,H,W]"> b) {
    const at::Tensor x = precise(*a), y = precise(*b);
    return along(x, y, 2) + along(x, y, 3);
  }

 private:
  at::Tensor along(const at::Tensor& a, const at::Tensor& b, int64_t axis) const {
    const int64_t size = a.size(axis);
    if (size < 2 && border == Border::Inside) return (a - b).sum() * 0;  // there are no pairs
    const at::Tensor differences = (steps(a, axis) - steps(b, axis)).abs();
    const at::Tensor raised = power == 1 ? differences : differences.pow(power);
    return border == Border::Inside ? raised.mean() : raised.sum() / static_cast<double>(a.numel());
  }

  static at::Tensor steps(const at::Tensor& map, int64_t axis) {
    const int64_t pairs = map.size(axis) - 1;
    return (map.narrow(axis, 1, pairs) - map.narrow(axis, 0, pairs)).abs();
  }
};

}  // namespace

void add_gradient_difference(Registry& registry) {
  registry.add<GradientDifference>("loss.gradient_difference");
}

}  // namespace weft::loss
