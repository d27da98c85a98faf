#pragma once

#include "tests/plugins/media/ffmpeg.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weft::testing {

/// Videos of the test film that ffmpeg writes.
class Video : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!testing::has_ffmpeg()) GTEST_SKIP() << "there is no ffmpeg";
  }
  /// Makes a file of the film. @returns its path
  std::string make(const std::string& name, std::vector<std::string> arguments, const std::string& rate = "25") const {
    std::vector<std::string> all = film_.input(rate);
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.push_back(folder_ / name);
    EXPECT_EQ(ffmpeg(all), "");
    return folder_ / name;
  }
  static std::vector<int> numbers(const Reading& reading) {
    EXPECT_EQ(reading.error, "");
    std::vector<int> numbers;
    for (const at::Tensor& frame : reading.frames) numbers.push_back(film_number(frame));
    return numbers;
  }
  static void expect_corner(const at::Tensor& image, int corner, int64_t y, int64_t x, double tolerance) {
    const auto colour = colour_at(image, y, x);
    for (size_t i = 0; i < 3; ++i)
      EXPECT_NEAR(colour[i], TestFilm::kCorners[static_cast<size_t>(corner)][i], tolerance) << "corner " << corner;
  }

  const TemporaryFolder folder_;
  const TestFilm film_{folder_};
};

}  // namespace weft::testing
