#include <weft/node.h>

#include <ATen/TensorOperators.h>

namespace weft::metric {
namespace {

/// The difference of two maps in units of their range.
at::Tensor difference(const at::Tensor& a, const at::Tensor& b, double range) {
  return (a.to(at::kDouble) - b.to(at::kDouble)) / range;
}

void declare_range(Params& p, double& range) {
  p("range", range,
    "differences are divided by this: 2 gives images in [-1, 1] the error of images in [0, 1]; 1 leaves them")
      .above(0);
}

/// Mean squared error.
struct Mse {
  static constexpr auto about =
      "Mean squared error (MSE) of two images over pixels, channels and batch, of images in [0, 1]";

  double range = 2;

  void params(Params& p) { declare_range(p, range); }

  Out<"value", "scalar"> run(In<"a", "feature[B,C,H,W]"> a, In<"b", "feature[B,C,H,W]"> b) {
    return difference(*a, *b, range).square().mean();
  }
};

/// Mean absolute error.
struct L1 {
  static constexpr auto about =
      "Mean absolute error (L1, MAE) of two images over pixels, channels and batch, of images in [0, 1]";

  double range = 2;

  void params(Params& p) { declare_range(p, range); }

  Out<"value", "scalar"> run(In<"a", "feature[B,C,H,W]"> a, In<"b", "feature[B,C,H,W]"> b) {
    return difference(*a, *b, range).abs().mean();
  }
};

}  // namespace

void add_errors(Registry& registry) {
  registry.add<Mse>("metric.mse");
  registry.add<L1>("metric.l1");
}

}  // namespace weft::metric
