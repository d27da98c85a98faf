#include "framework/testing/node_runner.h"
#include "tests/plugins/text_files.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>

namespace weft::face {
namespace {

using testing::error_of;
using testing::NodeRunner;
using Size = std::vector<int64_t>;

at::Tensor window(double left, double top, double right, double bottom) {
  return at::tensor({left, top, 1.0, right, bottom, 1.0}, at::kDouble).view({1, 2, 3});
}

/// [1, 3, 6, 8] with a grey value of its own in each place.
at::Tensor image() {
  return (at::arange(6 * 8 * 3, at::kFloat).view({1, 3, 6, 8}) / 255 - 0.5) / 0.5;
}

TEST(FaceCrop, GivesThePixelsOfTheWindow) {
  NodeRunner crop("face.crop");
  crop.set("size", Size{3, 4}).input("image", image()).input("window", window(2, 1, 6, 4));
  EXPECT_TRUE(crop.run().tensor("image").equal(image().slice(2, 1, 4).slice(3, 2, 6)));
}

TEST(FaceCrop, IsBlackOutsideOfTheFrame) {
  NodeRunner crop("face.crop");
  crop.set("size", Size{4, 4}).input("image", image()).input("window", window(-2, -1, 2, 3));
  const at::Tensor cut = crop.run().tensor("image");
  EXPECT_EQ(cut.narrow(2, 0, 1).max().item<float>(), -1);
  EXPECT_EQ(cut.narrow(3, 0, 2).max().item<float>(), -1);
  EXPECT_TRUE(cut.slice(2, 1, 4).slice(3, 2, 4).equal(image().slice(2, 0, 3).slice(3, 0, 2)));
}

TEST(FaceCrop, AMirroredWindowIsMirrored) {
  NodeRunner crop("face.crop"), mirrored("face.crop");
  crop.set("size", Size{3, 4}).input("image", image()).input("window", window(6, 1, 2, 4));
  EXPECT_TRUE(crop.run().tensor("image").equal(image().slice(2, 1, 4).slice(3, 2, 6).flip(3)));
  mirrored.set("size", Size{3, 4}).input("image", image()).input("window", window(2, -1, -2, 2));
  const at::Tensor cut = mirrored.run().tensor("image");
  EXPECT_EQ(cut.narrow(3, 2, 2).max().item<float>(), -1) << "what is on the left is outside of the frame";
  EXPECT_TRUE(cut.narrow(2, 1, 2).narrow(3, 0, 2).equal(image().narrow(2, 0, 2).narrow(3, 0, 2).flip(3)));
}

TEST(FaceCrop, RefusesWindowsThatNoFaceHas) {
  const auto fault_of = [](const at::Tensor& far) {
    return error_of([&] {
      NodeRunner("face.crop").set("size", Size{3, 4}).input("image", image()).input("window", far).run();
    });
  };
  EXPECT_EQ(
      fault_of(window(0, 0, 32000, 32000)),
      "a window that is too large or too far away: (0, 0) to (32000, 32000)\n"
      "  it can have 100000000 pixels; face.window takes it from the landmarks, of which one may lie far from the "
      "others");
  EXPECT_THAT(fault_of(window(-2.5e6, -2.5e6, 96, 96)), ::testing::HasSubstr("too large or too far away"));
  EXPECT_THAT(fault_of(window(3, 3, 3, 9)), ::testing::HasSubstr("a window without pixels"));
}

TEST(FaceCrop, Resizes) {
  NodeRunner crop("face.crop");
  crop.set("size", Size{7, 5})
      .input("image", at::full({1, 3, 6, 8}, 51 / 127.5 - 1))
      .input("window", window(1, 1, 4, 5));
  const at::Tensor cut = crop.run().tensor("image");
  EXPECT_EQ(cut.sizes(), (at::IntArrayRef{1, 3, 7, 5}));
  // What is flat stays flat; 8 bits hold 51 exactly.
  EXPECT_FLOAT_EQ(cut.min().item<float>(), -0.6F);
  EXPECT_FLOAT_EQ(cut.max().item<float>(), -0.6F);
}

TEST(FaceCrop, RefusesAnEmptyWindow) {
  NodeRunner crop("face.crop");
  crop.set("size", Size{4, 4}).input("image", image()).input("window", window(3, 1, 3, 5));
  EXPECT_EQ(error_of([&] { crop.run(); }),
            "a window without pixels: (3, 1) to (3, 5)\n  a window has two keypoints, its upper left and its lower "
            "right corner; face.window gives one");
}

}  // namespace
}  // namespace weft::face
