#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"
#include "framework/weights/fill.h"
#include "framework/weights/weight_file.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace weft {
namespace {

using testing::error_text;
using testing::map_of;
using testing::NodeRunner;

double value_of(NodeRunner& node) {
  return node.run().tensor("value").item<double>();
}

/// What scikit-image 0.26 says of two images of noise in [-1, 1], one value for each sample; the inputs by their rule.
struct ScikitImage {
  std::map<std::string, at::Tensor> values;
  at::Tensor x, y;

  ScikitImage() {
    const std::string file = std::string(WEFT_SOURCE_DIR) + "/tests/plugins/metric/ssim_rgb_40x40_r2.safetensors";
    for (const auto& [name, tensor] : weights::read_weights(file).tensors) values[name] = tensor;
    const at::Tensor u = (weights::fill_input("x", {2, 3, 40, 40}) + 1) / 2;
    x = 2 * u - 1;
    y = 2 * (u + 0.1 * weights::fill_input("y", {2, 3, 40, 40})).clamp(0, 1) - 1;
  }
  double mean(const std::string& name) const { return values.at(name).to(at::kDouble).mean().item<double>(); }
};

TEST(MetricPsnr, AgreesWithScikitImage) {
  const ScikitImage published;
  NodeRunner node("metric.psnr");
  EXPECT_NEAR(value_of(node.input("a", published.x).input("b", published.y)), published.mean("psnr_per_image"), 1e-4);
}

TEST(MetricSsim, AgreesWithScikitImage) {
  const ScikitImage published;
  for (const auto& [window, name] : {std::pair{"gaussian", "skimage_gauss"}, {"uniform", "skimage_uniform7_default"}}) {
    NodeRunner node("metric.ssim");
    node.set("window", window).input("a", published.x).input("b", published.y);
    EXPECT_NEAR(value_of(node), published.mean(name), 1e-6) << window;  // inputs and stored values are floats
  }
}

TEST(MetricPsnr, ComparesWithTheRangeAndAveragesTheBatch) {
  NodeRunner node("metric.psnr");
  const at::Tensor a = at::zeros({2, 3, 4, 4}),
                   b = at::cat({at::full({1, 3, 4, 4}, 0.2), at::full({1, 3, 4, 4}, 0.02)});
  node.input("a", a).input("b", b);
  // A tenth and a hundredth of the range: 20 and 40 dB. Floats near 0.02 are right to 1e-7 of themselves.
  EXPECT_NEAR(value_of(node), 30, 1e-5);
}

TEST(MetricPsnr, EqualImagesCountAsTheMost) {
  NodeRunner node("metric.psnr");
  node.set("most", 60.0).input("a", at::zeros({1, 3, 4, 4})).input("b", at::zeros({1, 3, 4, 4}));
  EXPECT_EQ(value_of(node), 60);
}

TEST(MetricPsnr, RefusesAnotherSize) {
  NodeRunner node("metric.psnr");
  node.input("a", at::zeros({1, 3, 4, 4})).input("b", at::zeros({1, 3, 4, 5}));
  EXPECT_EQ(error_text([&] { node.run(); }), "input `b` wants feature[B,C,H,W], but W is 4 elsewhere and 5 here");
}

TEST(MetricSsim, OfFlatImagesOnlyBrightnessCounts) {
  NodeRunner node("metric.ssim");
  node.input("a", at::full({1, 1, 11, 11}, 0.5)).input("b", at::full({1, 1, 11, 11}, 0.25));
  const double c1 = 0.02 * 0.02;
  // In double the variances of flat images are 0 but for 1e-17.
  EXPECT_NEAR(value_of(node), (2 * 0.5 * 0.25 + c1) / (0.25 + 0.0625 + c1), 1e-12);
}

TEST(MetricSsim, IsOneForEqualImages) {
  const at::Tensor image = weights::fill_input("image", {2, 3, 16, 20});
  for (const char* window : {"gaussian", "uniform", "gaussian_padded"}) {
    NodeRunner node("metric.ssim");
    EXPECT_NEAR(value_of(node.set("window", window).input("a", image).input("b", image)), 1, 1e-12) << window;
  }
}

TEST(MetricSsim, WindowsOfOtherSizesHaveWeightsThatSumUpToOne) {
  // One pixel of a 3x3 window is 1 in a and -1 in b. Of weight p at this pixel: means p and -p, variances p - p^2.
  const at::Tensor a = at::zeros({1, 1, 3, 3});
  a[0][0][1][1] = 1;
  const double side = std::exp(-1 / (2 * 1.5 * 1.5)), along = 1 / (1 + 2 * side);
  for (const auto& [window, p, sample] :
       {std::tuple{"gaussian", along * along, 1.0}, std::tuple{"uniform", 1.0 / 9, 9.0 / 8}}) {
    NodeRunner node("metric.ssim");
    node.set("window", window).set("window_size", int64_t{3}).input("a", a).input("b", -a);
    const double c1 = 0.02 * 0.02, c2 = 0.06 * 0.06, variance = (p - p * p) * sample;
    const double ssim = (-2 * p * p + c1) * (-2 * variance + c2) / ((2 * p * p + c1) * (2 * variance + c2));
    EXPECT_NEAR(value_of(node), ssim, 1e-12) << window;
  }
}

TEST(MetricSsim, AWindowOfElevenPixelsThatIsAskedForIsTheDefault) {
  const ScikitImage published;
  NodeRunner node("metric.ssim");
  node.set("window_size", int64_t{11}).input("a", published.x).input("b", published.y);
  EXPECT_NEAR(value_of(node), published.mean("skimage_gauss"), 1e-6);
}

TEST(MetricSsim, RefusesImagesSmallerThanTheWindow) {
  NodeRunner node("metric.ssim");
  node.set("window", "uniform").input("a", at::zeros({1, 3, 6, 16})).input("b", at::zeros({1, 3, 6, 16}));
  EXPECT_EQ(error_text([&] { node.run(); }),
            "metric.ssim uses windows of 7x7 pixels, but the images are [1, 3, 6, 16]\n  use larger images, or "
            "window = \"gaussian_padded\"");
}

TEST(MetricSharpness, IsTheMeanStepOfBothDirections) {
  const at::Tensor image = map_of({{0, 1}, {-1, 1}}).expand({1, 3, 2, 2});
  NodeRunner alone("metric.sharpness"), beside("metric.sharpness");
  // Across 1 and 2, down 1 and 0, of a range of 2; the mean of both directions.
  EXPECT_DOUBLE_EQ(value_of(alone.input("image", image)), (1.5 + 0.5) / 2 / 2);
  EXPECT_NEAR(value_of(beside.input("image", image * 0.5).input("reference", image)), 0.5, 1e-7);
}

TEST(MetricSharpness, RefusesAReferenceOfAnotherSize) {
  NodeRunner node("metric.sharpness");
  node.input("image", at::zeros({1, 3, 4, 4})).input("reference", at::zeros({1, 3, 4, 5}));
  EXPECT_EQ(error_text([&] { node.run(); }), "input `reference` wants image[B,3,H,W], but W is 4 elsewhere and 5 here");
}

}  // namespace
}  // namespace weft
