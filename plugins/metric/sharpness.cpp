#include <weft/node.h>

#include <ATen/TensorOperators.h>

namespace weft::metric {
namespace {

/// The mean size of steps between neighbouring pixels, of images in [0, 1].
struct Sharpness {
  static constexpr auto about =
      "Sharpness of an image: the mean absolute difference between neighbouring pixels; with a reference, its ratio to "
      "the reference's sharpness";

  Out<"value", "scalar"> run(In<"image", "image[B,3,H,W]"> image, Opt<"reference", "image[B,3,H,W]"> reference) {
    const at::Tensor own = mean_step(*image);
    return reference ? own / mean_step(*reference).clamp_min(1e-12) : own;
  }

 private:
  static at::Tensor mean_step(const at::Tensor& image) {
    at::Tensor sum;
    for (const int64_t axis : {2, 3}) {
      const int64_t pairs = image.size(axis) - 1;
      if (pairs < 1) continue;
      const at::Tensor mean =
          (image.narrow(axis, 1, pairs) - image.narrow(axis, 0, pairs)).abs().mean().to(at::kDouble);
      sum = sum.defined() ? sum + mean : mean;
    }
    // Two axes, and a range of 2.
    return sum.defined() ? sum / 4 : image.sum().to(at::kDouble) * 0;
  }
};

}  // namespace

void add_sharpness(Registry& registry) {
  registry.add<Sharpness>("metric.sharpness");
}

}  // namespace weft::metric
