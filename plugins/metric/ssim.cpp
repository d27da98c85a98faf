#include "framework/vision/ssim.h"

#include <weft/node.h>

#include <optional>

namespace weft::metric {
namespace {

/// Structural similarity, computed in double: on images of one colour differences of squares lose digits.
///
/// Source: Wang et al. 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity".
struct Ssim {
  static constexpr bool stops_gradients = true;
  static constexpr auto about =
      "Structural similarity (SSIM) of two images, 1 for equal ones: the mean over windows, channels and images";

  vision::SsimWindow::Kind window = vision::SsimWindow::Gaussian;
  std::optional<int64_t> window_size;
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
    p("window_size", window_size, "side of the window in pixels, odd, instead of the one that `window` has")
        .min(3)
        .max(255);
    p("range", range, "the range of values: the largest possible difference of two of them; 2 for images in [-1, 1]")
        .above(0);
  }

  void shape(Shapes&) const { vision::check_window_size("metric.ssim", window_size); }

  Out<"value", "scalar"> run(In<"a", "feature[B,C,H,W]"> a, In<"b", "feature[B,C,H,W]"> b) {
    const vision::SsimWindow used(window, window_size);
    vision::check_image_size("metric.ssim", *a, used);
    return vision::ssim_means(*a, *b, used, range).similarity.mean();
  }
};

}  // namespace

void add_ssim(Registry& registry) {
  registry.add<Ssim>("metric.ssim");
}

}  // namespace weft::metric
