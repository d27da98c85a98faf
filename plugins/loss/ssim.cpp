#include "framework/vision/ssim.h"

#include "framework/weights/shape_text.h"
#include "plugins/loss/masked.h"
#include <weft/node.h>

#include <algorithm>

namespace weft::loss {
namespace {

/// Structural similarity as a loss.
///
/// Source: Wang et al. 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity".
struct SsimLoss {
  static constexpr auto about =
      "Structural similarity (SSIM) loss: 1 - SSIM, the mean over windows, channels and images";

  vision::SsimWindow window = vision::SsimWindow::Gaussian;
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
    p("range", range,
      "the range of values: the largest possible difference of two of them; pytorch-ssim uses 1 for any image")
        .above(0);
    p("form", form, "1 - SSIM, which is 0 for equal images, or -SSIM; the gradients are equal",
      {{"one_minus", Form::OneMinus}, {"negative", Form::Negative}});
  }

  Out<"value", "scalar"> run(In<"a", "feature[B,C,H,W]"> a, In<"b", "feature[B,C,H,W]"> b) {
    const int64_t least = window == vision::SsimWindow::GaussianPadded ? 1 : vision::size_of(window);
    if (std::min(a->size(2), a->size(3)) < least) {
      throw Error(Exit::Graph, text("loss.ssim uses windows of ", least, "x", least, " pixels, but the images are ",
                                    weights::shape_text(*a)))
          .hint("use larger images, or window = \"gaussian_padded\"");
    }
    const at::Tensor mean = vision::ssim(precise(*a), precise(*b), window, range).mean();
    return form == Form::OneMinus ? 1 - mean : -mean;
  }
};

}  // namespace

void add_ssim(Registry& registry) {
  registry.add<SsimLoss>("loss.ssim");
}

}  // namespace weft::loss
