#include "tests/plugins/world/drives.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace weft {
namespace {

using testing::NodeRunner;

class Driven : public NodeRunner {
 public:
  explicit Driven(int64_t start = 0, int64_t sequences = 1) : NodeRunner("world.driven_street") {
    set("size", std::vector<int64_t>{32, 64}).set("seed", int64_t{3}).set("frames", int64_t{60});
    set("start", start).set("sequences", sequences);
  }
  double speed() const { return tensor("speed").item<double>(); }
  double steering() const { return tensor("steering").item<double>(); }
};

TEST(WorldDrivenStreet, ItsActionsSteerToTheSameFrames) {
  Driven driven;
  NodeRunner steered("world.steered_street");
  steered.set("size", std::vector<int64_t>{32, 64}).set("seed", int64_t{3});
  double least = 1, most = 0;
  for (int t = 0; t < 60; ++t) {
    const StreetFrame frame = next_frame(driven);
    steered.clear_inputs();
    steered.input("speed", driven.tensor("speed")).input("steering", driven.tensor("steering"));
    const StreetFrame same = next_frame(steered);
    ASSERT_TRUE(same.camera.equal(frame.camera)) << t;
    ASSERT_TRUE(same.image.equal(frame.image) && same.flow.equal(frame.flow)) << t;
    if (t > 0) least = std::min(least, driven.speed()), most = std::max(most, driven.speed());
  }
  EXPECT_LT(least, 0.15);
  EXPECT_GT(most, 0.3);
}

TEST(WorldDrivenStreet, AFrameAloneEqualsTheFrameInASequence) {
  Driven whole, late(7), skipped;
  StreetFrame frame;
  for (int t = 0; t <= 7; ++t) frame = next_frame(whole);
  const StreetFrame alone = next_frame(late);
  EXPECT_TRUE(alone.image.equal(frame.image) && alone.flow.equal(frame.flow));
  EXPECT_EQ(late.speed(), whole.speed());
  EXPECT_EQ(late.steering(), whole.steering());
  for (int t = 0; t < 7; ++t) EXPECT_TRUE(skipped.source().skip(skipped.context()));
  EXPECT_TRUE(next_frame(skipped).image.equal(frame.image));
}

TEST(WorldDrivenStreet, EachSequenceIsAnotherDriveOnAnotherStreet) {
  Driven driven(30, 2);
  const StreetFrame first = next_frame(driven);
  const double speed = driven.speed();
  EXPECT_EQ(driven.source().next_sequence(driven.context()), "street-4");
  const StreetFrame second = next_frame(driven);
  EXPECT_NE(driven.speed(), speed);
  EXPECT_FALSE(second.labels.equal(first.labels));
  EXPECT_FALSE(driven.source().next_sequence(driven.context()).has_value());
}

TEST(WorldDrivenStreet, SteersGently) {
  Driven driven;
  for (int t = 0; t < 60; ++t) {
    next_frame(driven);
    EXPECT_LE(std::abs(driven.steering()), 0.15 + 1e-6);
  }
}

}  // namespace
}  // namespace weft
