#include "framework/node/archive.h"
#include "framework/testing/error_text.h"
#include "framework/testing/values.h"
#include "tests/plugins/world/drives.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/scalar_tensor.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using testing::error_text;
using testing::NodeRunner;

enum class Traffic { None, Usual };

class Steered : public NodeRunner {
 public:
  explicit Steered(Traffic traffic = Traffic::Usual) : NodeRunner("world.steered_street") {
    set("size", std::vector<int64_t>{32, 64}).set("seed", int64_t{1}).set("traffic", traffic == Traffic::Usual);
  }
};

StreetFrame drive(NodeRunner& street, double speed, double steering) {
  street.clear_inputs();
  street.input("speed", at::scalar_tensor(speed)).input("steering", at::scalar_tensor(steering));
  return next_frame(street);
}

/// One of the camera's own directions in the world (0: right, 1: down, 2: ahead), or its place (3).
std::vector<float> column(const StreetFrame& frame, int64_t index) {
  return testing::values(frame.camera.select(1, 0).select(2, index).narrow(1, 0, 3));
}

double distance(const std::vector<float>& a, const std::vector<float>& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

TEST(WorldSteeredStreet, BeginsWhereTheStreetBegins) {
  Steered street;
  const StreetFrame own = drive(street, 0.2, 0);
  const StreetFrame begin = frames_of({.size = {32, 64}}, 1).front();
  EXPECT_TRUE(own.labels.equal(begin.labels));
  EXPECT_TRUE(own.camera.equal(begin.camera));
}

TEST(WorldSteeredStreet, AStandingCameraSeesNoFlow) {
  Steered street(Traffic::None);
  drive(street, 0.2, 0), drive(street, 0.2, 0);
  const StreetFrame moving = drive(street, 0.2, 0), standing = drive(street, 0, 0.1);
  EXPECT_GT(moving.flow.abs().max().item<float>(), 0.5);
  EXPECT_EQ(standing.flow.abs().max().item<float>(), 0);
  EXPECT_TRUE(standing.image.equal(moving.image));
}

TEST(WorldSteeredStreet, GoesAsFarAsItsSpeedSays) {
  Steered street(Traffic::None);
  const std::vector<float> begin = column(drive(street, 0.3, 0), 3), end = column(drive(street, 0.3, 0), 3);
  // The street's own length is up to a sixth more than what counts along it, and in a curve of 60 m, 1.65 m beside its
  // middle, it is up to 3 % more or less.
  EXPECT_GE(distance(begin, end), 0.3 * 0.97);
  EXPECT_LE(distance(begin, end), 0.3 * 1.17 * 1.03);
}

TEST(WorldSteeredStreet, SteeringTurnsToTheLeft) {
  Steered straight(Traffic::None), left(Traffic::None);
  StreetFrame of_straight, of_left;
  for (int t = 0; t < 11; ++t) of_straight = drive(straight, 0.2, 0), of_left = drive(left, 0.2, 0.1);
  const std::vector<float> a = column(of_straight, 2), b = column(of_left, 2);
  // 10 frames of 0.2 m at 0.1 radians per metre; the course of the street differs by less than the tolerance.
  EXPECT_NEAR(std::atan2(a[0] * b[1] - a[1] * b[0], a[0] * b[0] + a[1] * b[1]), 0.2, 0.01);
}

TEST(WorldSteeredStreet, WithoutSteeringItKeepsToTheLane) {
  Steered wired, unwired;
  unwired.input("speed", at::scalar_tensor(0.25));
  for (int t = 0; t < 3; ++t) EXPECT_TRUE(next_frame(unwired).image.equal(drive(wired, 0.25, 0).image));
}

TEST(WorldSteeredStreet, HousesStopIt) {
  Steered street(Traffic::None);
  StreetFrame frame;
  for (int t = 0; t < 30; ++t) frame = drive(street, 2, 1);
  EXPECT_GT(frame.depth.min().item<float>(), 0.1);
}

TEST(WorldSteeredStreet, GoesOnFromASavedState) {
  Steered street;
  for (int t = 0; t < 3; ++t) drive(street, 0.25, 0.02);
  Archive saved;
  street.node().state(saved);
  const StreetFrame next = drive(street, 0.25, 0.02);
  Steered other;
  drive(other, 0, 0);
  Archive restoring(saved.entries());
  other.node().state(restoring);
  const StreetFrame again = drive(other, 0.25, 0.02);
  EXPECT_TRUE(again.image.equal(next.image));
  EXPECT_TRUE(again.flow.equal(next.flow));
}

TEST(WorldSteeredStreet, ResetBeginsAnew) {
  Steered street;
  const StreetFrame first = drive(street, 0.25, 0.05);
  drive(street, 0.25, 0.05);
  street.node().reset();
  EXPECT_TRUE(drive(street, 0.25, 0.05).image.equal(first.image));
}

TEST(WorldSteeredStreet, WantsASpeed) {
  EXPECT_EQ(error_text([] { Steered().run(); }), "world.steered_street: nothing is wired to the input `speed`");
}

}  // namespace
}  // namespace weft
