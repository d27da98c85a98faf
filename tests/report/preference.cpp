#include "framework/report/preference.h"

#include "framework/testing/error_text.h"

#include <gtest/gtest.h>

#include <cmath>

namespace weft::report {
namespace {

using testing::error_text;

TEST(Preference, WilsonsIntervalOfHalfIsSymmetric) {
  // 5 of 10: centre 0.5, half-width z sqrt(1/40 + z^2/400) / (1 + z^2/10).
  const double z = kZ95, half = z * std::sqrt(1.0 / 40 + z * z / 400) / (1 + z * z / 10);
  const Interval interval = wilson_interval(5, 10);
  EXPECT_NEAR(interval.low, 0.5 - half, 1e-12);
  EXPECT_NEAR(interval.high, 0.5 + half, 1e-12);
}

TEST(Preference, WithoutAnswersNothingIsKnown) {
  for (const Interval& interval : {wilson_interval(0, 0), clopper_pearson_interval(0, 0)}) {
    EXPECT_EQ(interval.low, 0);
    EXPECT_EQ(interval.high, 1);
  }
  EXPECT_EQ(binomial_p_value(0, 0), 1);
}

TEST(Preference, ExactIntervalsOfAllAnswersHaveAClosedForm) {
  // 10 of 10: the lower end is the p with p^10 = 0.025.
  const Interval interval = clopper_pearson_interval(10, 10);
  EXPECT_NEAR(interval.low, std::pow(0.025, 0.1), 1e-12);
  EXPECT_EQ(interval.high, 1);
}

TEST(Preference, BinomialTestSumsBothTails) {
  // Of 4 answers 0 or 4 for one method: 2 / 16.
  EXPECT_NEAR(binomial_p_value(4, 4), 2.0 / 16, 1e-14);
  EXPECT_NEAR(binomial_p_value(1, 4), 2 * 5.0 / 16, 1e-14);
  EXPECT_EQ(binomial_p_value(2, 4), 1);
}

TEST(BradleyTerry, OfTwoMethodsIsTheShareOfWins) {
  const BradleyTerry found = bradley_terry({{0, 30}, {10, 0}});
  EXPECT_NEAR(found.shares[0], 0.75, 1e-10);
  EXPECT_NEAR(found.elo()[0] - found.elo()[1], 400 * std::log10(3.0), 1e-6);
  EXPECT_NEAR(found.log_likelihood, 30 * std::log(0.75) + 10 * std::log(0.25), 1e-9);
  // The difference of both has the error 1 / sqrt(40 x 0.75 x 0.25); each is half of the difference.
  EXPECT_NEAR(found.errors[0], 0.5 / std::sqrt(7.5), 1e-6);
  EXPECT_FALSE(found.has_prior);
}

TEST(BradleyTerry, AddsAPriorWhereOneMethodAlwaysWins) {
  const BradleyTerry found = bradley_terry({{0, 9}, {0, 0}});
  EXPECT_TRUE(found.has_prior);
  EXPECT_NEAR(found.shares[0], 9.5 / 10, 1e-10);
}

TEST(BradleyTerry, RefusesTablesThatCannotBeJudged) {
  EXPECT_EQ(error_text([] { bradley_terry({{0}}); }), "strengths need at least two methods to compare");
  EXPECT_EQ(error_text([] { bradley_terry({{0, 1}, {2}}); }), "row 1 of the wins has 1 numbers for 2 methods");
  EXPECT_EQ(error_text([] { bradley_terry({{0, -1}, {2, 0}}); }), "the number of wins of method 0 over 1 is -1");
  EXPECT_EQ(error_text([] {
              bradley_terry({{0, 0}, {0, 0}});
            }),
            "there is no answer: no method was chosen over another one");
}

}  // namespace
}  // namespace weft::report
