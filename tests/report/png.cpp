// Pictures that browsers and TensorBoard show.
#include "framework/report/png.h"

#include "framework/report/html.h"
#include "tests/report/png_reader.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/where.h>
#include <gtest/gtest.h>

namespace weft::report {
namespace {

/// A picture whose neighbours differ, so that lines take different filters. @returns [3, H, W] in [-1, 1]
at::Tensor pattern(int64_t height, int64_t width, int64_t seed) {
  const at::Tensor count = at::arange(height * width * 3, at::kLong);
  const at::Tensor smooth = count.div(7, "floor"), rough = count * count * 31 + seed;
  return at::where((count / (width * 9)).remainder(2).to(at::kLong) == 0, smooth, rough)
                 .remainder(256)
                 .view({height, width, 3})
                 .permute({2, 0, 1}) /
             127.5 -
         1;
}

std::vector<unsigned char> bytes_of(const at::Tensor& picture) {
  const at::Tensor flat = ((picture + 1) * 127.5).round().to(at::kByte).permute({1, 2, 0}).contiguous();
  return {flat.const_data_ptr<uint8_t>(), flat.const_data_ptr<uint8_t>() + flat.numel()};
}

TEST(Png, GivesThePixelsBack) {
  const at::Tensor picture = pattern(13, 17, 5);
  const ReadPng png = read_png(animated_png({png_of(picture)}, 8));
  EXPECT_EQ(png.announced, 0U) << "one picture is no animation";
  ASSERT_EQ(png.frames.size(), 1U);
  EXPECT_EQ(png.frames[0], bytes_of(picture));
}

TEST(Png, PlaysPicturesInTheirOrder) {
  std::vector<std::string> pictures;
  for (int64_t i = 0; i < 3; ++i) pictures.push_back(png_of(pattern(4, 6, i)));
  const ReadPng png = read_png(animated_png(pictures, 8));
  EXPECT_EQ(png.announced, 3U);
  ASSERT_EQ(png.frames.size(), 3U);
  EXPECT_EQ(png.seconds, (std::vector<double>{0.125, 0.125, 0.125}));
  for (int64_t i = 0; i < 3; ++i) EXPECT_EQ(png.frames[static_cast<size_t>(i)], bytes_of(pattern(4, 6, i))) << i;
}

TEST(Png, TakesRgbFromMinusOneToOne) {
  at::Tensor picture = at::full({3, 1, 2}, -1, at::kFloat);
  picture.select(0, 0).fill_(1);  // red
  picture.select(0, 2).fill_(7);  // what is out of range stands at its end
  picture[1][0][1] = 0;           // 127.5, to the even neighbour
  EXPECT_EQ(read_png(png_of(picture)).frames.at(0), (std::vector<unsigned char>{255, 0, 255, 255, 128, 255}));
}

TEST(Base64, IsThatOfTheStandard) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy") << "RFC 4648, section 10";
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

}  // namespace
}  // namespace weft::report
