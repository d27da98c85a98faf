// What the curves of a report are made of, and how they are drawn.
#include "framework/train/curves.h"

#include "framework/base/text.h"
#include "framework/testing/error_text.h"
#include "framework/train/svg_curve.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

namespace weft::train {
namespace {

using ::testing::DoubleNear;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Not;

Curve curve_of(const std::vector<double>& numbers) {
  Curve curve;
  int64_t step = 0;
  for (const double number : numbers) curve.add(step++, number);
  return curve;
}

TEST(Curves, KeepEachNumberOfAShortRun) {
  const Curve curve = curve_of({3, 1, 2});
  ASSERT_EQ(curve.points().size(), 3U);
  EXPECT_EQ(curve.points()[1].first, 1);
  EXPECT_EQ(curve.points()[1].mean(), 1);
  EXPECT_EQ(curve.last(), 2);
}

TEST(Curves, JoinNeighboursOfALongRunWithoutLosingAny) {
  Curve curve;
  constexpr int64_t kSteps = 5000;
  for (int64_t step = 0; step < kSteps; ++step) curve.add(step, static_cast<double>(step));
  EXPECT_LE(curve.points().size(), Curve::kMost);
  EXPECT_GT(curve.points().size(), Curve::kMost / 4);
  int64_t next = 0;
  for (const Curve::Point& point : curve.points()) {
    EXPECT_EQ(point.first, next);
    EXPECT_EQ(point.count, point.last - point.first + 1);
    EXPECT_EQ(point.low, static_cast<double>(point.first));
    EXPECT_EQ(point.high, static_cast<double>(point.last));
    EXPECT_EQ(point.mean(), point.step()) << "of a straight line";
    next = point.last + 1;
  }
  EXPECT_EQ(next, kSteps);
}

TEST(Curves, LeaveOutWhatIsNotFinite) {
  const Curve curve =
      curve_of({1, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), 2});
  EXPECT_EQ(curve.count(), 2);
  EXPECT_EQ(curve.points().back().first, 3);
}

class Logs : public ::testing::Test {
 protected:
  void write(const std::string& content) const { std::ofstream(file_) << content; }
  void TearDown() override { std::filesystem::remove(file_); }
  std::filesystem::path file_ = std::filesystem::temp_directory_path() / text("weft_curves_", ::getpid(), ".jsonl");
};

TEST_F(Logs, AreReadStepByStep) {
  write(R"({"time": "12:00:00", "level": "start", "text": "2026-01-31T12:00:00+0100"}
{"level": "step", "step": 0, "epoch": 0, "stage": "a", "clip": "x", "frames": 6, "seconds": 2, "numbers": {"G/loss": 0.5, "bad": null}}
{"time": "12:00:01", "level": "note", "text": "a word"}
{"level": "step", "step": 1, "epoch": 1, "stage": "b", "clip": "x", "frames": 3, "seconds": 0, "numbers": {"G/loss": 0.25}}
)");
  Curves curves;
  curves.read_log(file_);
  EXPECT_EQ(curves.begun(), "2026-01-31T12:00:00+0100");
  EXPECT_EQ(curves.all().size(), 2U) << "the loss and the speed";
  EXPECT_EQ(curves.all().at("G/loss").points().size(), 2U);
  EXPECT_EQ(curves.all().at("frames per second").last(), 3);
  ASSERT_EQ(curves.stages().size(), 2U);
  EXPECT_EQ(curves.stages()[1].name, "b");
  EXPECT_EQ(curves.stages()[1].step, 1);
}

TEST_F(Logs, ThatAreNoneAreToldWithTheirLine) {
  write("{\"level\": \"start\"}\n{\"lev\n");
  Curves curves;
  EXPECT_THAT(testing::error_text([&] { curves.read_log(file_); }), HasSubstr(":2: is not a line of JSON"));
  for (const std::string line : {"3", "[]", R"({"level": 3})", R"({"level": "step", "step": "x", "numbers": {}})"}) {
    write(line + "\n");
    EXPECT_THAT(testing::error_text([&] { curves.read_log(file_); }),
                HasSubstr(":1: is not a line of JSON as training writes it"))
        << line;
  }
  write("{\"level\": " + std::string(100'000, '[') + std::string(100'000, ']') + "}\n");
  EXPECT_THAT(testing::error_text([&] { curves.read_log(file_); }), HasSubstr(":1: is not a line of JSON"));
}

// ---- drawings

TEST(Figures, TakeALogarithmicAxisForDecades) {
  EXPECT_EQ(axis_of(curve_of({100, 10, 1})), Axis::Logarithmic);
  EXPECT_EQ(axis_of(curve_of({30, 10, 1})), Axis::Linear) << "less than one and a half";
  EXPECT_EQ(axis_of(curve_of({100, 10, 0})), Axis::Linear) << "0 has no place on the other";
  std::vector<double> with_spike(200, 1.0);
  with_spike[0] = 1000;
  EXPECT_EQ(axis_of(curve_of(with_spike)), Axis::Linear) << "one number is not the axis";
}

TEST(Figures, SmoothKeepsWhatIsConstant) {
  EXPECT_THAT(smoothed(curve_of(std::vector<double>(100, 0.3)).points()), Each(DoubleNear(0.3, 1e-12)));
}

TEST(Figures, SmoothTakesMostOfTheNoise) {
  std::vector<double> noisy;
  for (int i = 0; i < 200; ++i) noisy.push_back(i % 2 == 0 ? 1 : -1);
  // Weights 1, 2 … 9 … 2, 1 come to 81, with alternating signs to 1; at the ends 9, 8 … 1 come to 45 and 5.
  const std::vector<double> smooth = smoothed(curve_of(noisy).points());
  EXPECT_NEAR(smooth[100], 1.0 / 81, 1e-12);
  EXPECT_NEAR(smooth.front(), 1.0 / 9, 1e-12);
}

TEST(Figures, FewPointsAreNotSmoothed) {
  EXPECT_EQ(smoothed(curve_of({1, 5, 2}).points()), (std::vector<double>{1, 5, 2}));
}

TEST(Figures, RatesAreDrawnAsTheyAre) {
  std::vector<double> rates(100, 1.0);
  rates.back() = 1e-3;
  EXPECT_THAT(figure_of("G/rate", curve_of(rates), {}), HasSubstr("<span>0.001</span>"));
}

TEST(Figures, PlaceNumbersBetweenTheBorders) {
  // From 52 to 394 and from 146 up to 8, with a margin of 4 % of the range at either end: 138 / 1.08 * 0.04 = 5.11.
  const std::string figure = figure_of("loss", curve_of({0, 0.5, 1}), {});
  EXPECT_THAT(figure, HasSubstr("data-points=\"0 0 52 140.89;1 0.5 223 77;2 1 394 13.11\""));
  EXPECT_THAT(figure, HasSubstr("d=\"M52,140.89 223,77 394,13.11\""));
  EXPECT_THAT(figure, Not(HasSubstr("band")));
}

TEST(Figures, AreDrawnOfASingleNumberAndOfEqualOnes) {
  EXPECT_THAT(figure_of("loss", curve_of({2}), {}), HasSubstr("data-points=\"0 2 223 77\""));
  EXPECT_THAT(figure_of("loss", curve_of({0, 0}), {}), HasSubstr("data-points=\"0 0 52 77;1 0 394 77\""));
  EXPECT_EQ(figure_of("loss", Curve(), {}), "");
}

TEST(Figures, ShowTheRangeOfJoinedPointsAndWhereStagesBegin) {
  Curve curve;
  for (int64_t step = 0; step < 1000; ++step) curve.add(step, static_cast<double>(step % 2));
  const std::string figure = figure_of("loss", curve, {{"<fine>", 500}});
  EXPECT_THAT(figure, HasSubstr("class=\"band\""));
  EXPECT_THAT(figure, HasSubstr("<title>&lt;fine&gt;</title>"));
}

TEST(Figures, EscapeTheirNames) {
  EXPECT_THAT(figure_of("a<b>&\"c\"", curve_of({1}), {}), HasSubstr("<b>a&lt;b&gt;&amp;&quot;c&quot;</b>"));
}

}  // namespace
}  // namespace weft::train
