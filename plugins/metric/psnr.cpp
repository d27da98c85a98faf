#include <weft/node.h>

#include <ATen/TensorOperators.h>

namespace weft::metric {
namespace {

/// Peak signal-to-noise ratio.
///
///   10 log10(range^2 / mean (a - b)^2)  for each image, then the mean over the batch
struct Psnr {
  static constexpr auto about =
      "Peak signal-to-noise ratio (PSNR) of two images in decibels, averaged over the batch; equal images have the "
      "value of `most`";
  static constexpr bool stops_gradients = true;  // more is better: as a loss it would be made worse

  double range = 2;
  double most = 100;

  void params(Params& p) {
    p("range", range, "the range of values: the largest possible difference of two of them; 2 for images in [-1, 1]")
        .above(0);
    p("most", most, "the value of equal images in decibels, whose PSNR would be infinite").above(0);
  }

  Out<"value", "scalar"> run(In<"a", "feature[B,C,H,W]"> a, In<"b", "feature[B,C,H,W]"> b) {
    const at::Tensor error = (a->to(at::kDouble) - b->to(at::kDouble)).square().mean({1, 2, 3});  // [B]
    return (10 * (range * range / error).log10()).clamp_max(most).mean();
  }
};

}  // namespace

void add_psnr(Registry& registry) {
  registry.add<Psnr>("metric.psnr");
}

}  // namespace weft::metric
