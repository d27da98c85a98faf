// What gradients go through: chunks, bptt, given frames, folds, static values, batches. The networks have one weight, and the
// test computes their derivatives itself.
#include "framework/testing/error_text.h"
#include "tests/train/trained.h"

#include <gtest/gtest.h>

namespace weft::train {
namespace {

/// y_t = w y_{t-1} + x_t with x_t = t, y before 0 is 0; the loss is y.
const std::string kRecurrent = R"(
[run]
chunk = 4
bptt = 4
[node.x]
use = "toy.ramp"
frames = 8
[stream]
past = "y[t-1] else zeros"
[node.G]
use = "toy.scale"
in = "past"
weight = 0.5
[node.y]
use = "toy.plus"
in.a = "G"
in.b = "x"
[node.loss]
use = "toy.mean"
in = "y"
[weights]
G = "random"
[update.G]
of = ["G"]
use = "sgd"
lr = 0.01
[update.G.loss]
loss = 1.0
)";

/// The same by hand, with dual numbers: the weight after each chunk.
std::vector<double> recurrent_weights(int64_t frames, int64_t chunk, int64_t bptt) {
  std::vector<double> weights;
  double w = 0.5, y = 0;
  for (int64_t begin = 0; begin < frames; begin += chunk) {
    double slope = 0, sum = 0;
    const int64_t end = std::min(begin + chunk, frames);
    for (int64_t t = begin; t < end; ++t) {
      if ((t - begin) % bptt == 0) slope = 0;
      slope = y + w * slope;
      y = w * y + static_cast<double>(t);
      sum += slope;
    }
    w -= 0.01 * sum / static_cast<double>(end - begin);
    weights.push_back(w);
  }
  return weights;
}

class Recurrence : public ::testing::TestWithParam<std::pair<int64_t, int64_t>> {};

TEST_P(Recurrence, GradientsGoBackAsFarAsChunkAndBpttSay) {
  const auto [chunk, bptt] = GetParam();
  Trained trained(kRecurrent, {text("run.chunk=", chunk), text("run.bptt=", bptt)});
  trained.epoch();
  EXPECT_NEAR(trained.number("G/w"), recurrent_weights(8, chunk, bptt).back(), 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Lengths, Recurrence,
                         ::testing::Values(std::pair<int64_t, int64_t>(1, 1), std::pair<int64_t, int64_t>(4, 1),
                                           std::pair<int64_t, int64_t>(4, 2), std::pair<int64_t, int64_t>(4, 4),
                                           std::pair<int64_t, int64_t>(8, 8), std::pair<int64_t, int64_t>(8, 3),
                                           std::pair<int64_t, int64_t>(3, 3)));

TEST(Chunk, IsAllOfAClipWhenNotGiven) {
  const std::string whole = kRecurrent;
  Trained trained(std::string(whole).replace(whole.find("chunk = 4\n"), 10, ""), {"run.bptt=8"});
  EXPECT_EQ(trained.epoch().size(), 1U);
  EXPECT_NEAR(trained.number("G/w"), recurrent_weights(8, 8, 8).back(), 1e-6);
}

TEST(Chunk, NeedsALengthWhereNobodyKnowsIt) {
  const std::string whole = kRecurrent;
  const std::string error = testing::error_text([&] {
    Trained(std::string(whole).replace(whole.find("chunk = 4\n"), 10, ""), {"x.tells_length=false"}).epoch();
  });
  EXPECT_EQ(error,
            "the length of a clip is not known before it is read, so a chunk cannot be the whole clip\n  write [run] "
            "chunk = N");
}

TEST(Chunk, EndsWhereAClipOfUnknownLengthEnds) {
  Trained trained(kRecurrent, {"x.tells_length=false", "x.frames=6"});
  const std::vector<ChunkResult> chunks = trained.epoch();
  ASSERT_EQ(chunks.size(), 2U);
  EXPECT_EQ(chunks[0].frames, 4);
  EXPECT_EQ(chunks[1].frames, 2);
  EXPECT_NEAR(trained.number("G/w"), recurrent_weights(6, 4, 4).back(), 1e-6);
}

TEST(Chunk, ShorterOnesAreDroppedOnDemand) {
  Trained trained(kRecurrent, {"x.frames=6", "run.remainder=drop"});
  EXPECT_EQ(trained.epoch().size(), 1U);
  EXPECT_NEAR(trained.number("G/w"), recurrent_weights(4, 4, 4).back(), 1e-6);
}

TEST(Chunk, ClipsBeginAnew) {
  Trained trained(kRecurrent, {"x.frames=4", "x.sequences=2", "run.chunk=2", "update.G.lr=0"});
  const std::vector<ChunkResult> chunks = trained.epoch();
  ASSERT_EQ(chunks.size(), 4U);
  EXPECT_EQ(chunks[0].clip, "ramp 0");
  EXPECT_EQ(chunks[2].clip, "ramp 1");
  // y = 0, 1 | 2.5, 4.25 and 10, 16 | 20, 23
  EXPECT_DOUBLE_EQ(loss_of(chunks[0], "G", "loss"), 0.5);
  EXPECT_DOUBLE_EQ(loss_of(chunks[1], "G", "loss"), (2.5 + 4.25) / 2);
  EXPECT_DOUBLE_EQ(loss_of(chunks[2], "G", "loss"), (10 + 16) / 2.0);
  EXPECT_DOUBLE_EQ(loss_of(chunks[3], "G", "loss"), (20 + 23) / 2.0);
}

TEST(Chunk, CountsFromTheFirstTimeAtWhichANetworkLearns) {
  // y is given at t = 0, 1; then y_t = w y_{t-2}. The first chunk is t = 2, 3: y = 0, w.
  Trained trained(R"(
[run]
chunk = 2
bptt = 2
[node.x]
use = "toy.ramp"
frames = 6
[stream]
y = "x before 2 else G"
[node.G]
use = "toy.scale"
in = "y[t-2]"
weight = 3.0
[node.loss]
use = "toy.mean"
in = "G"
[weights]
G = "random"
[update.G]
of = ["G"]
use = "sgd"
lr = 0.01
[update.G.loss]
loss = 1.0
)",
                  {"run.frames=6"});
  const std::vector<ChunkResult> chunks = trained.epoch();
  ASSERT_EQ(chunks.size(), 2U);
  EXPECT_NEAR(loss_of(chunks[0], "G", "loss"), 3 / 2.0, 1e-6);
  const double w = 3 - 0.01 / 2;
  // The second chunk begins with y = 0, 3, detached: y = 0, 3 w.
  EXPECT_NEAR(loss_of(chunks[1], "G", "loss"), 3 * w / 2, 1e-5);
  EXPECT_NEAR(trained.number("G/w"), w - 0.01 * 3 / 2, 1e-6);
}

/// fake = w x, judged by squares against 1; the loss is downstream of `fold`.
const std::string kFolded = R"(
[run]
chunk = 3
[node.x]
use = "toy.ramp"
frames = 6
[node.one]
use = "toy.still"
value = 1
[node.G]
use = "toy.scale"
in = "x"
weight = 0.5
[node.twice]
use = "toy.scale"
in = "G"
weight = 2.0
[node.loss]
use = "toy.squares"
in.a = "twice"
in.b = "one"
[weights]
"*" = "random"
[update.G]
of = ["G"]
use = "sgd"
lr = 0.01
[update.G.loss]
loss = 1.0
)";

double folded_weight() {
  double w = 0.5;
  for (int begin = 0; begin < 6; begin += 3) {
    double slope = 0;
    for (int t = begin; t < begin + 3; ++t) slope += 2 * (2 * w * t - 1) * 2 * t / 3;
    w -= 0.01 * slope;
  }
  return w;
}

TEST(Fold, GivesTheSameGradients) {
  for (const char* folded : {"", "twice.fold=chunk", "loss.fold=chunk", "G.fold=chunk"}) {
    std::vector<std::string> settings;
    if (*folded != 0) settings.push_back(folded);
    Trained trained(kFolded, settings);
    trained.epoch();
    EXPECT_NEAR(trained.number("G/w"), folded_weight(), 1e-6) << folded;
  }
  Trained trained(kFolded, {"G.fold=chunk", "twice.fold=chunk", "loss.fold=chunk"});
  trained.epoch();
  EXPECT_NEAR(trained.number("G/w"), folded_weight(), 1e-6) << "all of them";
}

TEST(Fold, RunsANodeOnceForAChunk) {
  Trained each(kFolded);
  each.epoch();
  EXPECT_EQ(each.number("twice/calls"), 6);
  Trained folded(kFolded, {"twice.fold=chunk"});
  folded.epoch();
  EXPECT_EQ(folded.number("twice/calls"), 2);
}

TEST(Fold, NumbersCannotBeFolded) {
  const std::string error = testing::error_text([] {
    Trained(kFolded + "[node.again]\nuse = \"toy.mean\"\nin = \"loss\"\nfold = \"chunk\"\n",
            {"update.G.loss.again=1.0"})
        .epoch();
  });
  EXPECT_EQ(error,
            "a scalar has no batch dimension, so several cannot form a batch\n  in node \"again\", which folds the "
            "chunk of \"loss\"\n  a folded node reads maps, combine scalars outside of it; sequences that give scalars "
            "want run.batch = 1");
}

TEST(Recompute, RunsANetworkTwiceForTheSameGradients) {
  Trained trained(kFolded, {"G.recompute=true", "twice.recompute=true"});
  trained.epoch();
  EXPECT_NEAR(trained.number("G/w"), folded_weight(), 1e-6);
  EXPECT_EQ(trained.number("G/calls"), 6) << "the second run leaves statistics as they were";
}

TEST(Recompute, GoesBackThroughRecurrencesFoldsAndJudgements) {
  Trained recurrent(kRecurrent, {"run.recompute=true"});
  recurrent.epoch();
  EXPECT_NEAR(recurrent.number("G/w"), recurrent_weights(8, 4, 4).back(), 1e-6);
  Trained folded(kFolded, {"run.recompute=true", "G.fold=chunk", "twice.fold=chunk"});
  folded.epoch();
  EXPECT_NEAR(folded.number("G/w"), folded_weight(), 1e-6);
}

TEST(Still, ValuesAreMadeAnewForEachChunkAndHaveGradients) {
  // colour = w * 7, loss = mean of (colour - x_t); its slope is 7 in each chunk, once and not once a frame.
  Trained trained(R"(
[run]
chunk = 2
[node.x]
use = "toy.ramp"
frames = 4
[node.paper]
use = "toy.still"
[node.G]
use = "toy.scale"
in = "paper"
[node.sum]
use = "toy.add"
in = ["G", "x"]
[node.loss]
use = "toy.mean"
in = "sum"
[weights]
G = "random"
[update.G]
of = ["G"]
use = "sgd"
lr = 0.01
[update.G.loss]
loss = 1.0
)");
  const std::vector<ChunkResult> chunks = trained.epoch();
  ASSERT_EQ(chunks.size(), 2U);
  EXPECT_NEAR(loss_of(chunks[0], "G", "loss"), 7 + 0.5, 1e-6);
  EXPECT_NEAR(loss_of(chunks[1], "G", "loss"), 0.93 * 7 + 2.5, 1e-5) << "with the new weight";
  EXPECT_NEAR(trained.number("G/w"), 1 - 2 * 0.01 * 7, 1e-6);
  EXPECT_EQ(trained.number("G/calls"), 2);
}

TEST(Batch, ClipsStandBesideEachOther) {
  // Sequences begin with 0, 10, 20, 30, so that a batch of two has means of 5 and 25.
  Trained trained(kRecurrent, {"x.frames=1", "x.sequences=4", "run.batch=2", "run.chunk=1"});
  const std::vector<ChunkResult> chunks = trained.epoch();
  ASSERT_EQ(chunks.size(), 2U);
  EXPECT_EQ(chunks[0].frames, 2);
  EXPECT_EQ(loss_of(chunks[0], "G", "loss"), 5);
  EXPECT_EQ(loss_of(chunks[1], "G", "loss"), 25);
}

TEST(Batch, WhatDoesNotFillABatchIsLeftOut) {
  Trained trained(kRecurrent, {"x.frames=1", "x.sequences=5", "run.batch=2", "run.chunk=1"});
  EXPECT_EQ(trained.epoch().size(), 2U);
}

TEST(Thinning, CountsBackFromTheLastTimeOfTheChunk) {
  // Of t = 0..5 every third from the last: 2 and 5; then of 6, 7 (a shorter chunk): 7.
  Trained trained(kRecurrent, {"run.chunk=6", "loss.every=3", "G.weight=0.0", "update.G.lr=0"});
  const std::vector<ChunkResult> chunks = trained.epoch();
  ASSERT_EQ(chunks.size(), 2U);
  EXPECT_EQ(loss_of(chunks[0], "G", "loss"), 3.5);
  EXPECT_EQ(loss_of(chunks[1], "G", "loss"), 7);
}

}  // namespace
}  // namespace weft::train
