#include "plugins/estimators/one_euro.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace weft::estimators {
namespace {

at::Tensor number(double value) {
  return at::full({1}, value, at::kDouble);
}

double alpha(double cutoff, double rate) {
  return 1 / (1 + rate / (2 * std::numbers::pi * cutoff));
}

TEST(OneEuro, WithoutBetaIsALowPassOfOneCutoff) {
  const OneEuro filter = {2, 0};
  const at::Tensor state = OneEuro::begin(number(0));
  // The answer to a step: 1 - (1 - alpha)^n.
  for (int n = 1; n <= 5; ++n) {
    const double filtered = filter.next(number(1), state, 25, 1).item<double>();
    EXPECT_NEAR(filtered, 1 - std::pow(1 - alpha(2, 25), n), 1e-12) << n;
  }
}

TEST(OneEuro, LeavesAtRestWhatRests) {
  const at::Tensor state = OneEuro::begin(number(3));
  for (int n = 0; n < 4; ++n) EXPECT_EQ((OneEuro{1, 80}.next(number(3), state, 25, 1).item<double>()), 3);
}

TEST(OneEuro, CutoffGrowsWithTheSpeed) {
  const OneEuro filter = {0.5, 4, 1};
  const at::Tensor state = OneEuro::begin(number(0));
  const double rate = 10, scale = 0.5;
  const double speed = alpha(1, rate) * (2 * rate * scale);  // 2 a frame, filtered once
  const double filtered = filter.next(number(2), state, rate, scale).item<double>();
  EXPECT_NEAR(filtered, 2 * alpha(0.5 + 4 * speed, rate), 1e-12);
  // In the other direction the speed counts as much.
  const at::Tensor mirrored = OneEuro::begin(number(0));
  EXPECT_NEAR(filter.next(number(-2), mirrored, rate, scale).item<double>(), -filtered, 1e-12);
}

TEST(OneEuro, FiltersEachNumberByItself) {
  const OneEuro filter = {0.05, 80};
  const at::Tensor both = OneEuro::begin(at::tensor({0.0, 5.0}, at::kDouble));
  const at::Tensor one = OneEuro::begin(number(5));
  const at::Tensor next = filter.next(at::tensor({9.0, 6.0}, at::kDouble), both, 25, 0.01);
  EXPECT_EQ(next[1].item<double>(), filter.next(number(6), one, 25, 0.01).item<double>());
}

}  // namespace
}  // namespace weft::estimators
