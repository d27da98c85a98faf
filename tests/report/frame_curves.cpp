#include "framework/report/frame_curves.h"

#include <weft/testing.h>

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace weft::report {
namespace {

namespace fs = std::filesystem;
using weft::testing::error_text;

class FrameCurves : public ::testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const std::string& name, const std::string& content) { std::ofstream(folder_ / name) << content; }

  const fs::path folder_ = fs::path(::testing::TempDir()) / ("frame_curves_" + std::to_string(getpid()));
};

TEST_F(FrameCurves, AreReadFromTheReportsThatHaveThem) {
  write("a.json", R"({"by_frame": {"name": "PSNR", "points": [{"t": 0, "value": 20}, {"t": 2, "value": 21.5}]}})");
  write("b.json", R"({"format": 1, "numbers": []})");
  write("c.json", "[]");
  write("d.txt", "no report");
  const std::vector<FrameCurve> curves = read_frame_curves(folder_.string());
  ASSERT_EQ(curves.size(), 1U);
  EXPECT_EQ(curves[0].name, "PSNR");
  EXPECT_EQ(curves[0].values, (std::map<int64_t, double>{{0, 20}, {2, 21.5}}));
  EXPECT_TRUE(read_frame_curves((folder_ / "none").string()).empty());
}

TEST_F(FrameCurves, RefuseAPointWithoutAValue) {
  write("a.json", R"({"by_frame": {"name": "PSNR", "points": [{"t": 0}]}})");
  EXPECT_THAT(error_text([&] { read_frame_curves(folder_.string()); }),
              ::testing::HasSubstr("a.json: is no report of metrics: a field is missing"));
}

TEST_F(FrameCurves, HaveMeansOverTheRunsThatReachAFrame) {
  const auto means = mean_curves({{"PSNR", {{0, 20}, {1, 22}}}, {"PSNR", {{0, 24}}}, {"SSIM", {{0, 0.5}}}});
  ASSERT_EQ(means.size(), 2U);
  const std::vector<Curve::Point>& points = means.at("PSNR").points();
  ASSERT_EQ(points.size(), 2U);
  EXPECT_EQ(points[0].mean(), 22);
  EXPECT_EQ(points[1].first, 1);
  EXPECT_EQ(points[1].mean(), 22);
}

}  // namespace
}  // namespace weft::report
