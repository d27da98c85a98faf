#include "framework/vision/ssim.h"

#include "plugins/loss/masked.h"
#include <weft/node.h>

#include <optional>

namespace weft::loss {
namespace {

/// Structural similarity as a loss.
///
/// Source: Wang et al. 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity".
struct SsimLoss {
  static constexpr auto about =
      "Structural similarity (SSIM) loss: 1 - SSIM, the mean over windows, channels and images";

  vision::SsimWindow::Kind window = vision::SsimWindow::Gaussian;
  std::optional<int64_t> window_size;
  double range = 2;
  enum class Form { OneMinus, Negative };
  Form form = Form::OneMinus;

  void params(Params& p) {
    p("window", window,
      "\"uniform\": 7x7 pixels of equal weight (scikit-image's default); \"gaussian\": 11x11, standard deviation 1.5, "
      "within the image; \"gaussian_padded\": the same with zeros around the image (the package pytorch-ssim)",
      {{"uniform", vision::SsimWindow::Uniform},
       {"gaussian", vision::SsimWindow::Gaussian},
       {"gaussian_padded", vision::SsimWindow::GaussianPadded}});
    p("window_size", window_size, "side of the window in pixels, odd, instead of the one that `window` has")
        .min(3)
        .max(255);
    p("range", range,
      "the range of values: the largest possible difference of two of them; pytorch-ssim uses 1 for any image")
        .above(0);
    p("form", form, "1 - SSIM, which is 0 for equal images, or -SSIM; the gradients are equal",
      {{"one_minus", Form::OneMinus}, {"negative", Form::Negative}});
  }

  void shape(Shapes&) const { vision::check_window_size("loss.ssim", window_size); }

  Out<"value", "scalar"> run(In<"a", "feature[B,C,H,W]"> a, In<"b", "feature[B,C,H,W]"> b) {
    const vision::SsimWindow used(window, window_size);
    vision::check_image_size("loss.ssim", *a, used);
    const at::Tensor mean = vision::ssim(precise(*a), precise(*b), used, range).mean();
    return form == Form::OneMinus ? 1 - mean : -mean;
  }
};

}  // namespace

void add_ssim(Registry& registry) {
  registry.add<SsimLoss>("loss.ssim");
}

}  // namespace weft::loss
