#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/full_like.h>

namespace weft::image {
namespace {

/// A mask without its content, for ablations.
struct FixedMask {
  static constexpr auto about =
      "Fixed mask: one value at every pixel, in the size of another mask, for ablations of an estimated mask";
  static constexpr auto passes = "in";

  double value = 0.5;
  void params(Params& p) { p("value", value, "of all pixels").min(0).max(1); }

  Out<"mask", "mask[B,1,H,W]"> run(In<"in", "mask[B,1,H,W]"> in) { return at::full_like(*in, value); }
};

/// A mask of zeros and ones.
///
/// Source of the gradient: Bengio et al. 2013, "Estimating or Propagating Gradients Through Stochastic Neurons".
struct BinaryMask {
  static constexpr auto about =
      "Binary mask: 1 where a mask is at least `threshold`, 0 elsewhere; gradients pass unchanged (straight-through "
      "estimator), so that a network can learn the mask";
  static constexpr auto passes = "in";

  double threshold = 0.5;
  void params(Params& p) { p("threshold", threshold, "from which on a pixel is 1").min(0).max(1); }

  Out<"mask", "mask[B,1,H,W]"> run(In<"in", "mask[B,1,H,W]"> in) {
    const at::Tensor binary = (in->detach() >= threshold).to(in->scalar_type());
    return in->requires_grad() ? binary + (*in - in->detach()) : binary;
  }
};

}  // namespace

void add_mask_forms(Registry& registry) {
  registry.add<FixedMask>("image.fixed_mask");
  registry.add<BinaryMask>("image.binary_mask");
}

}  // namespace weft::image
