#include "framework/vision/ssim.h"

#include "framework/weights/shape_text.h"
#include <weft/node.h>

#include <algorithm>

namespace weft::metric {
namespace {

/// Structural similarity, computed in double: on images of one colour differences of squares lose digits.
///
/// Source: Wang et al. 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity".
struct Ssim {
  static constexpr bool stops_gradients = true;
  static constexpr auto about =
      "Structural similarity (SSIM) of two images, 1 for equal ones: the mean over windows, channels and images";

  vision::SsimWindow window = vision::SsimWindow::Gaussian;
  double range = 2;

  void params(Params& p) {
    p("window", window,
      "\"gaussian\": 11x11, standard deviation 1.5, within the image (scikit-image with gaussian_weights); "
      "\"uniform\": 7x7 pixels of equal weight (scikit-image's default); \"gaussian_padded\": gaussian with zeros "
      "around the image (the package pytorch-ssim); \"gaussian_reflected\": gaussian, mirrored at the border "
      "(torchmetrics)",
      {{"gaussian", vision::SsimWindow::Gaussian},
       {"uniform", vision::SsimWindow::Uniform},
       {"gaussian_padded", vision::SsimWindow::GaussianPadded},
       {"gaussian_reflected", vision::SsimWindow::GaussianReflected}});
    p("range", range, "the range of values: the largest possible difference of two of them; 2 for images in [-1, 1]")
        .above(0);
  }

  Out<"value", "scalar"> run(In<"a", "feature[B,C,H,W]"> a, In<"b", "feature[B,C,H,W]"> b) {
    if (std::min(a->size(2), a->size(3)) < vision::least_side(window)) {
      const int64_t size = vision::size_of(window);
      throw Error(Exit::Graph, text("metric.ssim uses windows of ", size, "x", size, " pixels, but the images are ",
                                    weights::shape_text(*a)))
          .hint("use larger images, or window = \"gaussian_padded\"");
    }
    return vision::ssim_means(*a, *b, window, range).similarity.mean();
  }
};

}  // namespace

void add_ssim(Registry& registry) {
  registry.add<Ssim>("metric.ssim");
}

}  // namespace weft::metric
