#include "framework/weights/shape_text.h"
#include <weft/node.h>
#include <weft/vision.h>

#include <ATen/TensorOperators.h>

#include <algorithm>

namespace weft::metric {
namespace {

/// Multi-scale structural similarity.
///
/// Source: Wang et al. 2003, "Multi-Scale Structural Similarity for Image Quality Assessment".
struct MsSsim {
  static constexpr bool stops_gradients = true;
  static constexpr auto about =
      "Multi-scale structural similarity (MS-SSIM) of two images, 1 for equal ones: five scales, each half of the one "
      "before; the mean over channels and images. Images need at least 161 pixels in height and width";

  vision::MsSsimForm form = vision::MsSsimForm::Pytorch;
  double range = 2;

  void params(Params& p) {
    p("form", form, "whose numbers: those of the package pytorch-msssim or of torchmetrics, which differ",
      {{"pytorch_msssim", vision::MsSsimForm::Pytorch}, {"torchmetrics", vision::MsSsimForm::Torchmetrics}});
    p("range", range, "the range of values: the largest possible difference of two of them; 2 for images in [-1, 1]")
        .above(0);
  }

  Out<"value", "scalar"> run(In<"a", "feature[B,C,H,W]"> a, In<"b", "feature[B,C,H,W]"> b) {
    if (std::min(a->size(2), a->size(3)) < vision::kMsSsimLeastSide) {
      throw Error(Exit::Graph, text("metric.ms_ssim halves images four times and needs ", vision::kMsSsimLeastSide,
                                    " pixels in height and width, but the images are ", weights::shape_text(*a)))
          .hint("use metric.ssim for small images");
    }
    return vision::ms_ssim(*a, *b, range, form).value.mean();
  }
};

}  // namespace

void add_ms_ssim(Registry& registry) {
  registry.add<MsSsim>("metric.ms_ssim");
}

}  // namespace weft::metric
