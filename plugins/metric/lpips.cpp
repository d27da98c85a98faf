#include "plugins/metric/lpips_options.h"

#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

namespace weft::metric {
namespace {

/// Learned perceptual image patch similarity.
struct LpipsMetric : nn::Module {
  static constexpr bool stops_gradients = true;
  static constexpr auto about =
      "Learned perceptual image patch similarity (LPIPS v0.1) of two images, 0 for equal ones: the distance of AlexNet "
      "or "
      "VGG16 features, averaged over the batch. The backbone is torchvision's file in [weights], `optional = "
      "[\"classifier.*\"]`; `linear` is the file of the package lpips";

  LpipsOptions options;

  void params(Params& p) { options.declare(p); }
  void build(const Shapes&) { options.build(*this); }

  Out<"value", "scalar"> run(In<"a", "image[B,3,H,W]"> a, In<"b", "image[B,3,H,W]"> b, Context& context) {
    const c10::NoGradGuard no_gradients;
    return options.distance(*a, *b, context).to(at::kDouble).mean();
  }
};

}  // namespace

void add_lpips(Registry& registry) {
  registry.add<LpipsMetric>("metric.lpips");
}

}  // namespace weft::metric
