#include "framework/graph/schedule.h"

#include "framework/graph/interval.h"

#include <gtest/gtest.h>

#include <cmath>

namespace weft::graph {
namespace {

Schedule schedule(const std::string& text) {
  std::string fault;
  const auto parsed = Schedule::parse(text, fault);
  EXPECT_TRUE(parsed) << text << ": " << fault;
  return parsed.value_or(Schedule());
}

double at_epoch(const std::string& text, int64_t epoch, int64_t epochs) {
  return schedule(text).rate(1, {epoch, epochs, 0, 0});
}

double at_step(const std::string& text, int64_t step, int64_t steps) {
  return schedule(text).rate(1, {0, 1, step, steps});
}

TEST(Schedule, IsConstantOrALineOrHalfACosine) {
  EXPECT_EQ(at_epoch("constant", 7, 8), 1);
  EXPECT_EQ(at_epoch("linear to 0 from 4", 4, 8), 1);
  EXPECT_DOUBLE_EQ(at_epoch("linear to 0 from 4", 7, 8), 0.25);
  EXPECT_DOUBLE_EQ(at_epoch("linear to 0.5 from 4", 6, 8), 0.75);
  EXPECT_DOUBLE_EQ(at_epoch("cosine", 4, 8), 0.5);
  EXPECT_DOUBLE_EQ(at_epoch("cosine to 0.2", 8, 8), 0.2);
}

TEST(Schedule, CountsStepsWhereTheirNumberIsKnown) {
  EXPECT_DOUBLE_EQ(at_step("linear to 0 from 50 %", 75, 100), 0.5);
  EXPECT_DOUBLE_EQ(at_step("linear to 0 from 60 steps", 80, 100), 0.5);
  EXPECT_DOUBLE_EQ(at_step("cosine", 25, 100), (1 + std::cos(M_PI / 4)) / 2);
  EXPECT_DOUBLE_EQ(at_epoch("linear to 0 from 50 %", 6, 8), 0.5) << "else epochs";
}

/// The rates of G and D that NVIDIA's program has in each of its epochs (conformance/vid2vid, schedule_street512 and
/// schedule_ttur_bp).
TEST(Schedule, OfTheOriginalFallsOneEpochLate) {
  const double street512[20] = {2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1.8, 1.6, 1.4, 1.2, 1, 0.8, 0.6, 0.4, 0.2};
  for (int64_t epoch = 0; epoch < 20; ++epoch)
    EXPECT_NEAR(schedule("original 10 10").rate(2e-4, {epoch, 20, 0, 0}), street512[epoch] * 1e-4, 1e-12) << epoch + 1;
  // With TTUR the discriminator begins at twice the rate, and falls from the rate itself.
  const double ttur[10] = {4, 4, 4, 4, 4, 4, 1.6, 1.2, 0.8, 0.4};
  for (int64_t epoch = 0; epoch < 10; ++epoch)
    EXPECT_NEAR(schedule("original 5 5 from 2e-4").rate(4e-4, {epoch, 10, 0, 0}), ttur[epoch] * 1e-4, 1e-12)
        << epoch + 1;
}

TEST(Schedule, RefusesOtherWords) {
  std::string fault;
  for (const char* text : {"", "linear", "linear to 0", "linear to 0 from -1", "linear to 0 from 120 %", "cosine 3",
                           "original 10", "original 10 0", "falling"}) {
    fault.clear();
    EXPECT_FALSE(Schedule::parse(text, fault)) << text;
    EXPECT_EQ(
        fault,
        "must be \"constant\", \"linear to 0 from 10\" (epochs; or \"10 steps\", \"10 %\"), \"cosine\", \"cosine to "
        "0.1\" or \"original 10 10\"");
  }
}

TEST(Interval, HasANumberAndAUnit) {
  std::string fault;
  EXPECT_EQ(Interval::parse("10 min", fault)->count, 600);
  EXPECT_EQ(Interval::parse("0.5 h", fault)->count, 1800);
  EXPECT_EQ(Interval::parse("500 steps", fault)->unit, Interval::Unit::Steps);
  EXPECT_EQ(Interval::parse("1 epoch", fault)->unit, Interval::Unit::Epochs);
  for (const char* text : {"", "10", "min", "10 days", "0 s", "1.5 steps", "-1 min"}) {
    fault.clear();
    EXPECT_FALSE(Interval::parse(text, fault)) << text;
    EXPECT_EQ(fault, "must look like \"10 min\", \"30 s\", \"2 h\", \"500 steps\" or \"1 epoch\"");
  }
}

}  // namespace
}  // namespace weft::graph
