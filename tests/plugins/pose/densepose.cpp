#include "framework/testing/node_runner.h"
#include "tests/plugins/text_files.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>

namespace weft::pose {
namespace {

using testing::error_of;
using testing::NodeRunner;

/// A picture of one row: surface coordinates 51 and 204, then these parts, as an image in [-1, 1].
at::Tensor picture(const std::vector<double>& parts) {
  const at::Tensor third = at::tensor(parts, at::kFloat).view({1, -1});
  const at::Tensor bytes = at::stack({at::full_like(third, 51), at::full_like(third, 204), third});
  return ((bytes / 255 - 0.5) / 0.5).unsqueeze(0);
}

std::vector<float> channel(const at::Tensor& map, int64_t index) {
  const at::Tensor row = map[0][index].contiguous();
  return {row.const_data_ptr<float>(), row.const_data_ptr<float>() + row.numel()};
}

TEST(PoseDensePose, SpreadsThePartsOverTheWholeRange) {
  NodeRunner node("pose.densepose");
  const at::Tensor map = node.input("image", picture({0, 6, 12, 24})).run().tensor("conditions");
  EXPECT_EQ(channel(map, 2), (std::vector<float>{-1, -0.5, 0, 1}));
  for (int64_t x = 0; x < 4; ++x) {
    EXPECT_FLOAT_EQ(channel(map, 0)[static_cast<size_t>(x)], -0.6F);  // 51 / 255 * 2 - 1
    EXPECT_FLOAT_EQ(channel(map, 1)[static_cast<size_t>(x)], 0.6F);
  }
}

TEST(PoseDensePose, ErasesTheHead) {
  NodeRunner node("pose.densepose");
  node.set("remove_face", true);
  const at::Tensor map = node.input("image", picture({22, 23, 24})).run().tensor("conditions");
  EXPECT_EQ(channel(map, 0), (std::vector<float>{channel(map, 0)[0], -1, -1}));
  EXPECT_EQ(channel(map, 2), (std::vector<float>{22.0F / 24 * 2 - 1, -1, -1}));
}

TEST(PoseDensePose, DropsPartsInTrainingOnly) {
  NodeRunner node("pose.densepose");
  node.set("drop_probability", 1.0);
  EXPECT_EQ(channel(node.input("image", picture({12})).run().tensor("conditions"), 2), (std::vector<float>{0}));
  node.context().set_training(true);
  const at::Tensor map = node.input("image", picture({0, 12, 24})).run().tensor("conditions");
  EXPECT_EQ(channel(map, 2), (std::vector<float>{-1, -1, -1}));
  EXPECT_FLOAT_EQ(channel(map, 0)[0], -0.6F);  // the background is no part
  EXPECT_EQ(channel(map, 0)[1], -1);
}

TEST(PoseDensePose, ShowsWhatAWindowShowsAndBackgroundBesideIt) {
  NodeRunner node("pose.densepose");
  node.set("size", std::vector<int64_t>{1, 4});
  const at::Tensor bytes = at::tensor({0, 0, 0, 51, 0, 204, 0, 0, 0, 12, 0, 24}, at::kFloat).view({1, 3, 1, 4});
  const at::Tensor window = at::tensor({1.0, 0.0, 1.0, 5.0, 1.0, 1.0}, at::kDouble).view({1, 2, 3});
  node.input("image", (bytes / 255 - 0.5) / 0.5).input("window", window).run();
  EXPECT_EQ(channel(node.tensor("conditions"), 2), (std::vector<float>{0, -1, 1, -1}));
  EXPECT_FLOAT_EQ(channel(node.tensor("conditions"), 0)[2], -0.6F);
  EXPECT_FLOAT_EQ(channel(node.tensor("conditions"), 0)[3], -1);
}

TEST(PoseDensePose, WarnsOfAWindowOfOtherPixels) {
  NodeRunner node("pose.densepose");
  node.set("size", std::vector<int64_t>{1, 4}).input("image", picture({0, 6, 12, 24}));
  std::string said;
  node.context().log().listen([&](const std::string&, const std::string& line) { said += line; });
  const auto said_of = [&](double left, double right) {
    const at::Tensor window = at::tensor({left, 0.0, 1.0, right, 1.0, 1.0}, at::kDouble).view({1, 2, 3});
    node.input("window", window).run();
    return said;
  };
  EXPECT_EQ(said_of(1, 6), "");
  EXPECT_THAT(said_of(3, 6), ::testing::HasSubstr("most of the window, (3, 0) to (6, 1), is outside of the DensePose "
                                                  "picture, which has 4x1 pixels"));
}

TEST(PoseDensePose, AWindowNeedsASize) {
  NodeRunner node("pose.densepose");
  node.input("image", picture({0, 6})).input("window", at::zeros({1, 2, 3}, at::kDouble));
  EXPECT_EQ(
      error_of([&] { node.run(); }),
      "`window` is wired, but `size` is not given: windows differ in size, and maps must not\n  add a size, such as "
      "`size = [512, 256]`");
}

TEST(PoseDensePose, ResizesToTheNearestPixel) {
  NodeRunner node("pose.densepose");
  node.set("size", std::vector<int64_t>{1, 2});
  const at::Tensor map = node.input("image", picture({0, 6, 12, 24})).run().tensor("conditions");
  EXPECT_EQ(channel(map, 2), (std::vector<float>{-0.5, 1}));
}

TEST(PoseDensePose, TakesItsChannelsInAnyOrder) {
  const at::Tensor usual = NodeRunner("pose.densepose").input("image", picture({0, 12})).run().tensor("conditions");
  const std::vector<std::pair<std::string, std::vector<int64_t>>> orders = {
      {"vui", {0, 1, 2}}, {"uvi", {1, 0, 2}}, {"iuv", {2, 1, 0}}, {"ivu", {2, 0, 1}}, {"uiv", {1, 2, 0}}};
  for (const auto& [channels, order] : orders) {
    NodeRunner node("pose.densepose");
    node.set("channels", channels);
    const at::Tensor turned = picture({0, 12}).index_select(1, at::tensor(order, at::kLong));
    EXPECT_TRUE(node.input("image", turned).run().tensor("conditions").equal(usual)) << channels;
  }
}

TEST(PoseDensePose, RefusesWhatHoldsNoParts) {
  const auto said = [](const at::Tensor& image, const std::string& channels) {
    NodeRunner node("pose.densepose");
    node.set("channels", channels).input("image", image);
    return error_of([&] { node.run(); });
  };
  EXPECT_EQ(said(picture({0, 25}), "vui"),
            "the blue channel of a DensePose picture must hold part numbers, 0 to 24, but here it holds 25\n  the "
            "picture must be DensePose's IUV picture as a PNG, not a JPEG, read without resizing");
  EXPECT_EQ(said(picture({0, 12}), "iuv"),
            "the red channel of a DensePose picture must hold part numbers, 0 to 24, but here it holds 51\n  its blue "
            "channel could be the part numbers: channels = \"vui\"");
}

TEST(PoseDensePose, RefusesPicturesThatWereCompressedWithLoss) {
  const at::Tensor image = picture({0, 0, 12});
  image[0][0][0][1] += 3 / 127.5;  // as JPEG does beside an edge
  NodeRunner node("pose.densepose");
  EXPECT_EQ(
      error_of([&] { node.input("image", image).run(); }),
      "the background (part 0) of the DensePose picture has several colours, so its numbers were changed: by JPEG "
      "compression, a video's, or resizing\n  write DensePose's IUV pictures as PNG files");
}

}  // namespace
}  // namespace weft::pose
