#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"
#include "tests/plugins/text_files.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using testing::error_of;
using testing::map_of;
using testing::NodeRunner;

class Drawn : public NodeRunner {
 public:
  explicit Drawn(const std::string& file, int64_t height = 4, int64_t width = 6) : NodeRunner("image.polygon") {
    set("path", file).input("in", at::zeros({1, 2, height, width}));
  }
};

class ImagePolygon : public testing::TextFiles {
 protected:
  std::string file(const std::string& content) const { return write("polygon.txt", content); }

  /// The mask at t.
  at::Tensor mask(const std::string& content, int64_t t = 0, int64_t height = 4, int64_t width = 6) const {
    Drawn drawn(file(content), height, width);
    drawn.context().set_frame(t);
    return drawn.run().tensor("mask");
  }

  /// What is said of a file, without its name and the hint of all rows.
  std::string fault(const std::string& content) const {
    std::string all = error_of([&] { mask(content); });
    const std::string name = path("polygon.txt");
    const std::string hint = "\n  a row is a time and at least three points: t x1 y1 x2 y2 x3 y3";
    EXPECT_TRUE(all.starts_with(name)) << all;
    EXPECT_TRUE(all.ends_with(hint)) << all;
    return all.substr(name.size(), all.size() - name.size() - hint.size());
  }
};

TEST_F(ImagePolygon, HasThePixelsWhoseCentresLieInside) {
  // From x = 1 to 4.5, of which the centre 4.5 is no more inside, and from y = 0.5, whose centre is inside, to 2.5.
  EXPECT_TRUE(mask("0 1 0.5 4.5 0.5 4.5 2.5 1 2.5\n")
                  .equal(map_of({{0, 1, 1, 1, 0, 0}, {0, 1, 1, 1, 0, 0}, {0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0}})));
}

TEST_F(ImagePolygon, OfATriangleHasItsSlope) {
  // Right of x = 4 - y, left of x = 4: the centres of a row from 4 - 0.5 - row on.
  EXPECT_TRUE(mask("0 4 0 4 4 0 4", 0, 4, 5)
                  .equal(map_of({{0, 0, 0, 1, 0}, {0, 0, 1, 1, 0}, {0, 1, 1, 1, 0}, {1, 1, 1, 1, 0}})));
}

TEST_F(ImagePolygon, BetweenTwoPolygonsThereIsNeitherGapNorOverlap) {
  const at::Tensor left = mask("0 -1 -1 2.3 -1 3.9 5 -1 5"), right = mask("0 2.3 -1 9 -1 9 5 3.9 5");
  EXPECT_TRUE((left + right).equal(at::ones({1, 1, 4, 6})));
}

TEST_F(ImagePolygon, ThatCrossesItselfHasHolesByTheEvenOddRule) {
  // A square of 4, and in the same outline one of 2 within it.
  EXPECT_TRUE(mask("0 0 0 4 0 4 4 0 4 0 0 1 1 3 1 3 3 1 3 1 1", 0, 4, 4)
                  .equal(map_of({{1, 1, 1, 1}, {1, 0, 0, 1}, {1, 0, 0, 1}, {1, 1, 1, 1}})));
}

TEST_F(ImagePolygon, IsCutAtTheBordersOfTheFrame) {
  EXPECT_TRUE(mask("0 -100 -100 200 -100 200 300 -100 300").equal(at::ones({1, 1, 4, 6})));
  EXPECT_TRUE(mask("0 10 10 20 10 20 20").equal(at::zeros({1, 1, 4, 6})));
}

const char* const kMoving =
    "# t x y\n\n"
    "2, 0 0, 1 0, 1 4, 0 4\r\n"
    "  6\t4 0 5 0 5 4 4 4\n";

TEST_F(ImagePolygon, MovesLinearlyBetweenKeyFramesAndStandsBeforeAndAfter) {
  const int64_t columns[] = {0, 0, 0, 1, 2, 3, 4, 4, 4};
  for (int64_t t = 0; t < 9; ++t) {
    at::Tensor expected = at::zeros({1, 1, 4, 6});
    expected.select(3, columns[t]).fill_(1);
    EXPECT_TRUE(mask(kMoving, t).equal(expected)) << "t = " << t;
  }
}

TEST_F(ImagePolygon, IsScaledFromTheSizeOnWhichItWasDrawn) {
  Drawn half(file("0 2 0 8 0 8 4 2 4"));
  half.set("size", std::vector<int64_t>{8, 12}).run();
  EXPECT_TRUE(half.tensor("mask").equal(
      map_of({{0, 1, 1, 1, 0, 0}, {0, 1, 1, 1, 0, 0}, {0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 0}})));
}

TEST_F(ImagePolygon, IsTheSameForAllSamplesOfABatch) {
  Drawn both(file("0 0 0 2 0 2 9 0 9"));
  both.input("in", at::zeros({2, 1, 4, 6})).run();
  EXPECT_EQ(both.tensor("mask").sizes(), (std::vector<int64_t>{2, 1, 4, 6}));
  EXPECT_TRUE(both.tensor("mask")[0].equal(both.tensor("mask")[1]));
}

TEST_F(ImagePolygon, RefusesWhatIsNoRow) {
  EXPECT_EQ(fault("0 0 0 9 0 9 9\n\n1 0 0 nine 0 9 9\n"), ", line 3: \"nine\" is not a number");
  EXPECT_EQ(fault("0 0 0 9 0 nan 9\n"), ", line 1: nan is not a number from -1000000 to 1000000");
  EXPECT_EQ(fault("0 0 0 9 0 9 -inf\n"), ", line 1: -inf is not a number from -1000000 to 1000000");
  EXPECT_EQ(fault("0 0 0 9 0 9 1e999\n"), ", line 1: 1e999 is not a number from -1000000 to 1000000");
  EXPECT_EQ(fault("0 0 0 9 0 9 1e7\n"), ", line 1: 1e7 is not a number from -1000000 to 1000000");
  EXPECT_EQ(fault("0 0 0 9 0\n"), ", line 1: has 2 points, but a polygon has at least 3");
  EXPECT_EQ(fault("7\n"), ", line 1: has 0 points, but a polygon has at least 3");
  const std::string word(100'000, 'x');
  EXPECT_LT(fault(word).size(), 200U);
}

TEST_F(ImagePolygon, RefusesAFileThatEndsEarly) {
  EXPECT_EQ(fault("0 0 0 9 0 9 9\n5 0 0 9 0 9"), ", line 2: the last point has an x, but no y");
  EXPECT_EQ(fault("0 0 0 9 0 9 9 0 9\n5 0 0 9 0 9 9"),
            ", line 2: has 3 points, but line 1 has 4; points move from row to row, so all rows have equally many");
}

TEST_F(ImagePolygon, RefusesTimesThatDoNotRise) {
  EXPECT_EQ(fault("# drawn\n4 0 0 9 0 9 9\n3.5 0 0 9 0 9 9\n"), ", line 3: the time 3.5 is not later than 4 of line 2");
  EXPECT_EQ(fault("4 0 0 9 0 9 9\n4 0 0 9 0 9 9\n"), ", line 2: the time 4 is not later than 4 of line 1");
}

TEST_F(ImagePolygon, RefusesAFileWithoutRowsAndAMissingOne) {
  EXPECT_EQ(error_of([&] { mask("# nothing\n"); }),
            path("polygon.txt") +
                " has no rows `t x1 y1 x2 y2 x3 y3`\n  write one row for each key frame, such as 0 10 10 "
                "50 10 30 40");
  Drawn missing(path("nowhere.txt"));
  EXPECT_THAT(error_of([&] { missing.run(); }), ::testing::HasSubstr("nowhere.txt"));
}

}  // namespace
}  // namespace weft
