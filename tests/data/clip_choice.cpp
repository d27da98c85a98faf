#include "framework/data/clip_choice.h"

#include "framework/testing/error_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

namespace weft::data {
namespace {

TEST(ClipChoice, EveryClipLiesInItsSequence) {
  for (int64_t available = 1; available <= 12; ++available) {
    for (int64_t length = 0; length <= 13; ++length) {
      for (uint64_t seed = 0; seed < 50; ++seed) {
        data::Draws draws(seed);
        const data::ClipFrames clip = data::draw_clip({length, 3}, available, draws);
        EXPECT_EQ(clip.count, length == 0 ? available : std::min(length, available));
        EXPECT_GE(clip.begin, 0);
        EXPECT_GE(clip.step, 1);
        EXPECT_LT(clip.begin + (clip.count - 1) * clip.step, available);
      }
    }
  }
}

TEST(ClipChoice, EachStepAndEachBeginningIsDrawnAsOftenAsItsLike) {
  // Clips of 3 of 6 frames: steps 1 and 2 are possible ((6 - 1) / (3 - 1) = 2), with 4 and 2 beginnings.
  constexpr int kDraws = 24'000;
  std::map<std::pair<int64_t, int64_t>, int> counts;
  data::Draws draws(7);
  for (int i = 0; i < kDraws; ++i) {
    const data::ClipFrames clip = data::draw_clip({3, 5}, 6, draws);
    ++counts[{clip.step, clip.begin}];
  }
  EXPECT_EQ(counts.size(), 6U);
  // Half of the draws fall to each step; four standard deviations of a binomial count are 4 sqrt(24000 p (1 - p)).
  for (const auto& [clip, count] : counts) {
    const double wanted = clip.first == 1 ? kDraws / 8.0 : kDraws / 4.0;
    EXPECT_NEAR(count, wanted, clip.first == 1 ? 205 : 268) << clip.first << ", " << clip.second;
  }
}

TEST(ClipChoice, OneFrameAlonePutsNoLimitToTheStep) {
  data::Draws draws(1);
  std::set<int64_t> begins;
  for (int i = 0; i < 200; ++i) begins.insert(data::draw_clip({1, 4}, 3, draws).begin);
  EXPECT_EQ(begins, (std::set<int64_t>{0, 1, 2}));
}

TEST(ClipChoice, ARunTakesTheFirstFrames) {
  EXPECT_EQ(data::first_clip({4, 3}, 9), (data::ClipFrames{0, 1, 4}));
  EXPECT_EQ(data::first_clip({0, 3}, 9), (data::ClipFrames{0, 1, 9}));
}

TEST(ClipChoice, ExamplesAreOtherFramesOutsideTheClip) {
  std::set<int64_t> met;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    data::Draws draws(seed);
    const data::ClipFrames clip = data::draw_clip({3, 2}, 12, draws);
    std::set<int64_t> examples;
    for (int64_t number = 1; number <= 7; ++number) {
      const data::ExampleRules rules = {number, {2, 6}};
      const int64_t frame = data::draw_example(rules, clip, "a", 12, data::draws_of_examples(seed, 4));
      EXPECT_EQ(frame, data::draw_example(rules, clip, "a", 12, data::draws_of_examples(seed, 4)));
      EXPECT_TRUE(frame >= 0 && frame < 12);
      EXPECT_TRUE(frame < clip.begin || frame > clip.begin + 2 * clip.step) << "between the frames of the clip";
      if (number == 1) {
        EXPECT_TRUE(std::abs(frame - clip.begin) >= 2 && std::abs(frame - clip.begin) <= 6);
        met.insert(frame);
      }
      examples.insert(frame);
    }
    EXPECT_EQ(examples.size(), 7U) << "each is another frame";
  }
  EXPECT_EQ(met.size(), 12U) << "each frame is an example of some clip";
}

TEST(ClipChoice, ASequenceWithoutAFrameForTheExampleIsRefused) {
  const auto error = [](const data::ExampleRules& rules, int64_t available) {
    return testing::error_text([&] {
      data::draw_example(rules, {0, 1, 3}, "walk", available, data::draws_of_examples(1, 0));
    });
  };
  EXPECT_EQ(
      error({.number = 2}, 4),
      "the sequence walk has 4 frames, of which 1 lie outside a clip of 3, so it has no example 2\n  give a smaller "
      "`length`, fewer examples, or longer sequences: an example is never a frame of the clip");
  EXPECT_EQ(error({.number = 1, .apart = {5, 2}}, 9), "`apart` is [5, 2], but the least comes first");
  EXPECT_EQ(data::draw_example({.number = 2}, {0, 1, 3}, "walk", 5, data::draws_of_examples(1, 0)) / 3, 1);
}

TEST(ClipChoice, HeldOutSequencesAreRefusedInTraining) {
  data::check_disjoint({"anna", "ben"}, {"carl"}, "test");
  EXPECT_EQ(
      testing::error_text([] {
        data::check_disjoint({"anna", "ben", "carl"}, {"carl", "ben"}, "test");
      }),
      "2 sequences to be read are held out in test: \"ben\" and \"carl\"\n  remove them from one of the two: what "
      "is measured must not be known from training");
}

TEST(ClipChoice, AnEpochHasEachSequenceOnceInAnyOrder) {
  std::map<std::vector<size_t>, int> counts;
  for (uint64_t seed = 0; seed < 6000; ++seed) {
    const std::vector<size_t> order = data::shuffled_sequences(3, seed);
    EXPECT_EQ(std::set<size_t>(order.begin(), order.end()), (std::set<size_t>{0, 1, 2}));
    ++counts[order];
  }
  EXPECT_EQ(counts.size(), 6U);
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 1000, 4 * 29);  // deviation sqrt(6000 / 6 * 5 / 6)
}

TEST(ClipChoice, DrawnSequencesComeInProportionToTheirFrames) {
  const std::vector<size_t> order = data::drawn_sequences({30, 0, 10}, 8000, 3);
  EXPECT_EQ(order.size(), 8000U);
  EXPECT_NEAR(static_cast<double>(std::count(order.begin(), order.end(), 0U)), 6000, 4 * 39);
  EXPECT_EQ(std::count(order.begin(), order.end(), 1U), 0) << "it has no frames";
  EXPECT_EQ(data::drawn_sequences({30, 0, 10}, 0, 3).size(), 40U) << "as many as there are frames";
}

TEST(Draws, NormalNumbersAreNormal) {
  constexpr int kDraws = 40'000;
  data::Draws draws(5);
  double sum = 0, squares = 0;
  int within = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double number = draws.normal();
    sum += number;
    squares += number * number;
    within += std::abs(number) < 1 ? 1 : 0;
  }
  EXPECT_NEAR(sum / kDraws, 0, 4 / 200.0);           // 4 / sqrt(n)
  EXPECT_NEAR(squares / kDraws, 1, 4 * 1.42 / 200);  // the square's deviation is sqrt(2)
  EXPECT_NEAR(within / double{kDraws}, 0.6827, 0.01);
}

TEST(Draws, AreTheSameForTheSameSeed) {
  data::Draws one(9), other(9), another(10);
  std::vector<int64_t> first, second, third;
  for (int i = 0; i < 5; ++i) {
    first.push_back(one.between(0, 1'000'000));
    second.push_back(other.between(0, 1'000'000));
    third.push_back(another.between(0, 1'000'000));
  }
  EXPECT_EQ(first, second);
  EXPECT_NE(first, third);
  EXPECT_EQ(one.between(4, 4), 4);
  EXPECT_EQ(one.between(4, 2), 4);
}

}  // namespace
}  // namespace weft::data
