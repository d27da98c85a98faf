// Training through records of a family outside of weft (tests/package/boxes): chunks, folds and batches.
#include "tests/train/trained.h"

#include <gtest/gtest.h>

#include <array>

namespace weft::train {
namespace {

/// The boxes that boxes.walk has in frame t of sequence s, as their four corners each.
std::vector<std::array<double, 4>> walk(int64_t t, int64_t s) {
  std::vector<std::array<double, 4>> boxes;
  for (int64_t i = 0; i < (t + s) % 3; ++i) {
    const auto x = static_cast<double>(t + i), y = static_cast<double>(s);
    boxes.push_back({x, y, x + 2, y + 2});
  }
  return boxes;
}

double squares(int64_t t, int64_t s) {
  double sum = 0;
  for (const auto& box : walk(t, s)) {
    for (const double side : box) sum += side * side;
  }
  return sum;
}

const std::string kScaled = R"(
[run]
chunk = 3
[node.walk]
use = "boxes.walk"
frames = 6
sequences = 2
[node.G]
use = "boxes.scale"
in = "walk"
[node.loss]
use = "boxes.distance"
in.a = "G"
in.b = "walk"
[weights]
G = "random"
[update.G]
of = ["G"]
use = "sgd"
lr = 0.001
[update.G.loss]
loss = 1.0
)";

/// Descent of (w - 1)^2 times the squares of all corners over the number of boxes: in the mean of a chunk's frames, or of
/// all its boxes together.
/// @param side_by_side  the sequences that stand in a batch
double scaled_weight(bool is_folded, const std::vector<std::vector<int64_t>>& side_by_side) {
  double w = 0.5;
  for (const std::vector<int64_t>& sequences : side_by_side) {
    for (int64_t begin = 0; begin < 6; begin += 3) {
      double mean = 0, sum = 0, boxes = 0;
      for (int64_t t = begin; t < begin + 3; ++t) {
        double of_frame = 0, count = 0;
        for (const int64_t s : sequences) {
          of_frame += squares(t, s);
          count += static_cast<double>(walk(t, s).size());
        }
        mean += of_frame / std::max(count, 1.0) / 3;
        sum += of_frame;
        boxes += count;
      }
      w -= 0.001 * 2 * (w - 1) * (is_folded ? sum / boxes : mean);
    }
  }
  return w;
}

TEST(TrainedRecords, GradientsGoThroughThem) {
  Trained trained(kScaled);
  trained.epoch();
  EXPECT_NEAR(trained.number("G/weight"), scaled_weight(false, {{0}, {1}}), 1e-5);
}

TEST(TrainedRecords, AFoldedNodeHasTheBoxesOfAllFramesAtOnce) {
  Trained dealt(kScaled, {"G.fold=chunk"});
  dealt.epoch();
  EXPECT_NEAR(dealt.number("G/weight"), scaled_weight(false, {{0}, {1}}), 1e-5) << "each frame got its own boxes back";
  Trained folded(kScaled, {"loss.fold=chunk"});
  folded.epoch();
  EXPECT_NEAR(folded.number("G/weight"), scaled_weight(true, {{0}, {1}}), 1e-5);
  Trained both(kScaled, {"G.fold=chunk", "loss.fold=chunk", "G.recompute=true"});
  both.epoch();
  EXPECT_NEAR(both.number("G/weight"), scaled_weight(true, {{0}, {1}}), 1e-5);
}

TEST(TrainedRecords, SequencesWithDifferentlyManyBoxesStandInABatch) {
  Trained trained(kScaled, {"run.batch=2"});
  trained.epoch();
  EXPECT_NEAR(trained.number("G/weight"), scaled_weight(false, {{0, 1}}), 1e-5);
  Trained folded(kScaled, {"run.batch=2", "G.fold=chunk", "loss.fold=chunk"});
  folded.epoch();
  EXPECT_NEAR(folded.number("G/weight"), scaled_weight(true, {{0, 1}}), 1e-5);
}

}  // namespace
}  // namespace weft::train
