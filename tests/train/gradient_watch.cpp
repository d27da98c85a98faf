// Gradients that jump are told while there is time to stop the training.
#include "framework/train/gradient_watch.h"

#include "tests/train/checkpoints_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace weft::train {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// @param norm, total  by step
/// @returns the first step at which there is a jump, or -1
int64_t first_jump(const std::function<double(int64_t)>& norm, const std::function<double(int64_t)>& total) {
  GradientHistory history;
  for (int64_t step = 0; step < 400; ++step)
    if (history.add(norm(step), total(step))) return step;
  return -1;
}

double wavy(int64_t step) {
  return 80 + 50 * std::sin(static_cast<double>(step) * 2.1);
}

TEST(GradientHistory, AJumpThatTheLossesFollowIsSeenWithinItsFirstSteps) {
  const auto norm = [](int64_t step) { return step < 176 ? wavy(step) : 20 * wavy(step); };
  const auto total = [](int64_t step) { return step < 178 ? 2.5 : 6.0; };
  const int64_t step = first_jump(norm, total);
  EXPECT_GE(step, 178);
  EXPECT_LE(step, 184);
  GradientHistory history;
  for (int64_t i = 0; i < step; ++i) EXPECT_FALSE(history.add(norm(i), total(i)));
  const auto jump = history.add(norm(step), total(step));
  ASSERT_TRUE(jump);
  EXPECT_GT(jump->gradient, 10);
  EXPECT_DOUBLE_EQ(jump->total, 2.4);
  EXPECT_NEAR(jump->usual, 80, 15);
}

TEST(GradientHistory, OtherChangesAreNoJumps) {
  const auto steady = [](int64_t) { return 2.5; };
  EXPECT_EQ(first_jump(wavy, steady), -1);
  EXPECT_EQ(first_jump([](int64_t step) { return 600 * std::exp(-0.05 * static_cast<double>(step)); }, steady), -1)
      << "it falls";
  EXPECT_EQ(first_jump([](int64_t step) { return step % 50 == 49 ? 6000 : wavy(step); },
                       [](int64_t step) { return step % 50 == 49 ? 60 : 2.5; }),
            -1)
      << "single steps";
  EXPECT_EQ(first_jump([](int64_t step) { return step < 200 ? 1e-4 : 1e-2; }, steady), -1) << "the losses stay";
  EXPECT_EQ(first_jump([](int64_t step) { return step < 6 ? 1.0 : 100.0; },
                       [](int64_t step) { return step < 6 ? 1.0 : 100.0; }),
            -1)
      << "six steps are too few to know what is usual";
  EXPECT_EQ(first_jump([](int64_t) { return 0.0; }, [](int64_t) { return 0.0; }), -1);
}

TEST(GradientHistory, WhatIsBelowTheBeginningOfTheTrainingIsNoJump) {
  const auto norm = [](int64_t step) { return step < 10 ? 1.0 : step < 200 ? 1e-3 : 0.1; };
  EXPECT_EQ(first_jump(norm, [](int64_t step) { return step < 200 ? 0.1 : 0.3; }), -1);
}

TEST(GradientHistory, AStageHasGradientsOfItsOwn) {
  GradientHistory history;
  for (int64_t step = 0; step < 100; ++step) EXPECT_FALSE(history.add(1, 1));
  history.begin_stage();
  for (int64_t step = 0; step < 100; ++step) EXPECT_FALSE(history.add(50, 3));
  bool has_jumped = false;
  for (int64_t step = 0; step < 8; ++step) has_jumped = has_jumped || history.add(5000, 9);
  EXPECT_TRUE(has_jumped);
}

/// Learns w = 1 of y = w x with steps that are too long: its distance from 1 grows by 7 % a step.
const std::string kTooFast = R"(
[run]
chunk = 2
epochs = 100
[node.x]
use = "toy.ramp"
frames = 2
[node.G]
use = "toy.scale"
in = "x"
weight = 1.001
[node.loss]
use = "toy.squares"
in.a = "G"
in.b = "x"
[weights]
G = "random"
[update.G]
of = ["G"]
use = "sgd"
lr = 2.07
[update.G.loss]
loss = 1.0
)";

class GradientWarnings : public Checkpoints {
 protected:
  std::string said_in_training(const std::vector<std::string>& settings) {
    said_.clear();
    train(kTooFast, settings);
    return said_;
  }
};

TEST_F(GradientWarnings, WarnsOnceAndNamesTheWayOut) {
  const std::string said = said_in_training({});
  EXPECT_THAT(said, HasSubstr(" the gradient of [update.G] is "));
  EXPECT_THAT(said, HasSubstr("what was learnt may be lost; `clip = 0."));
  const size_t first = said.find("the gradient of");
  EXPECT_EQ(said.find("the gradient of", first + 1), std::string::npos);
  EXPECT_THAT(said_in_training({"update.G.clip=1000"}), Not(HasSubstr("the gradient of")));
  EXPECT_THAT(said_in_training({"update.G.lr=0.1"}), Not(HasSubstr("the gradient of")));
}

}  // namespace
}  // namespace weft::train
