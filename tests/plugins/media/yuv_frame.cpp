#include "plugins/media/yuv_frame.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace weft::media {
namespace {

/// Y, Cb and Cr of a colour by ITU-R BT.709 in limited range.
std::array<double, 3> bt709(double red, double green, double blue) {
  const double luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return {16 + 219 * luma / 255, 128 + 224 * (blue - luma) / 1.8556 / 255, 128 + 224 * (red - luma) / 1.5748 / 255};
}

int at(AVFrame* frame, int plane, int64_t y, int64_t x) {
  return frame->data[plane][y * frame->linesize[plane] + x];
}

TEST(YuvFrame, ColoursAreThoseOfBt709) {
  const std::vector<std::array<uint8_t, 3>> colours = {{255, 0, 0}, {0, 255, 0},     {0, 0, 255},   {255, 255, 255},
                                                       {0, 0, 0},   {128, 128, 128}, {200, 100, 50}};
  for (const auto& [red, green, blue] : colours) {
    std::vector<uint8_t> rgb;
    for (int i = 0; i < 16 * 16; ++i) rgb.insert(rgb.end(), {red, green, blue});
    YuvFrame frame({16, 16});
    frame.set(rgb.data());
    const auto expected = bt709(red, green, blue);
    // One level for rounding in fixed point.
    for (int plane = 0; plane < 3; ++plane) EXPECT_NEAR(at(frame.get(), plane, 4, 4), expected[plane], 1) << plane;
  }
}

TEST(YuvFrame, ChromaLiesOnTheLeftColumnBetweenTwoRows) {
  constexpr int kHeight = 64, kWidth = 128;
  std::vector<uint8_t> rgb;
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      rgb.insert(rgb.end(), {static_cast<uint8_t>(4 * y), 100, static_cast<uint8_t>(2 * x)});
    }
  }
  YuvFrame frame({kHeight, kWidth});
  frame.set(rgb.data());
  double blue_bias = 0, red_bias = 0;
  int count = 0;
  for (int y = 8; y < kHeight / 2 - 8; ++y) {
    for (int x = 8; x < kWidth / 2 - 8; ++x, ++count) {
      const auto expected = bt709(4 * (2 * y + 0.5), 100, 2 * (2 * x));
      blue_bias += at(frame.get(), 1, y, x) - expected[1];
      red_bias += at(frame.get(), 2, y, x) - expected[2];
    }
  }
  // In the middle of two columns Cb would be 0.44 larger, on a row Cr 0.87 smaller.
  EXPECT_NEAR(blue_bias / count, 0, 0.1);
  EXPECT_NEAR(red_bias / count, 0, 0.1);
}

TEST(YuvFrame, OddSidesRepeatTheLastRowAndColumn) {
  // Black, but for a white last column and row.
  constexpr int kHeight = 5, kWidth = 7;
  std::vector<uint8_t> rgb;
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) rgb.insert(rgb.end(), 3, x == kWidth - 1 || y == kHeight - 1 ? 255 : 0);
  }
  YuvFrame frame({kHeight, kWidth});
  EXPECT_EQ(frame.size(), (Size{6, 8}));
  frame.set(rgb.data());
  for (int y = 0; y < 6; ++y) {
    for (int x = 0; x < 8; ++x) EXPECT_NEAR(at(frame.get(), 0, y, x), x >= 6 || y >= 4 ? 235 : 16, 1) << x << ' ' << y;
  }
}

}  // namespace
}  // namespace weft::media
