#include "framework/base/error.h"
#include "framework/base/text.h"
#include "plugins/metric/lpips_options.h"

#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

namespace weft::metric {
namespace {

/// The mean of `distance` over all pairs of images.
template <typename Images, typename Distance>
at::Tensor mean_of_pairs(const Images& images, const char* type, const Distance& distance) {
  if (images.size() < 2) {
    throw Error(Exit::Graph, text(type, " compares pairs, but there is one image"))
        .hint("wire the images of two or more styles: image = [\"a\", \"b\"]");
  }
  at::Tensor sum;
  int64_t pairs = 0;
  for (size_t i = 0; i < images.size(); ++i) {
    for (size_t j = i + 1; j < images.size(); ++j, ++pairs) {
      const at::Tensor one = distance(images[i], images[j]);
      sum = sum.defined() ? sum + one : one;
    }
  }
  return sum / static_cast<double>(pairs);
}

/// Diversity of images that one input gives, by their pixels.
struct Diversity {
  enum class Measure { L1, Squared };

  static constexpr auto about =
      "Diversity over styles: the mean distance over all pairs of images that a network makes of one input with "
      "different "
      "styles, L1 or mean squared error of images in [0, 1]; 0 if the styles have no effect. metric.lpips_diversity is "
      "nearer to what people see. High values also come from noise: compare the realism too";

  Measure measure = Measure::L1;

  void params(Params& p) {
    p("measure", measure, "distance of two images", {{"l1", Measure::L1}, {"squared", Measure::Squared}});
  }

  Out<"value", "scalar"> run(Many<"image", "image[B,3,H,W]"> image) {
    return mean_of_pairs(image, "metric.diversity", [&](const at::Tensor& a, const at::Tensor& b) {
      const at::Tensor difference = (a.to(at::kDouble) - b.to(at::kDouble)) / 2;
      return measure == Measure::L1 ? difference.abs().mean() : difference.square().mean();
    });
  }
};

/// Diversity of images that one input gives, as BicycleGAN measures it.
///
/// Source: Zhu et al. 2017, "Toward Multimodal Image-to-Image Translation", section 4.
struct LpipsDiversity : nn::Module {
  static constexpr bool stops_gradients = true;
  static constexpr auto about =
      "Diversity over styles (LPIPS, as in BicycleGAN): the mean LPIPS distance over all pairs of images that a "
      "network "
      "makes of one input with different styles; 0 if the styles have no effect. High values also come from noise: "
      "compare "
      "the realism too";

  LpipsOptions options;

  void params(Params& p) { options.declare(p); }
  void build(const Shapes&) { options.build(*this); }

  Out<"value", "scalar"> run(Many<"image", "image[B,3,H,W]"> image, Context& context) {
    const c10::NoGradGuard no_gradients;
    return mean_of_pairs(image, "metric.lpips_diversity", [&](const at::Tensor& a, const at::Tensor& b) {
      return options.distance(a, b, context).to(at::kDouble).mean();
    });
  }
};

}  // namespace

void add_diversity(Registry& registry) {
  registry.add<Diversity>("metric.diversity");
  registry.add<LpipsDiversity>("metric.lpips_diversity");
}

}  // namespace weft::metric
