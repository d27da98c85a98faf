#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::error_text;
using testing::NodeRunner;
using testing::values;

at::Tensor grey(double value) {
  return at::full({1, 3, 1, 2}, value);
}

TEST(ImagePanel, PutsImagesSideBySide) {
  NodeRunner panel("image.panel");
  panel.input("in", grey(-1)).input("in", grey(0)).run();
  EXPECT_EQ(panel.tensor("panel").sizes(), (std::vector<int64_t>{1, 3, 1, 4}));
  EXPECT_THAT(values(panel.tensor("panel").select(1, 2)), ElementsAre(-1, -1, 0, 0));
}

TEST(ImagePanel, FillsRowsAndLeavesGapsAndTheRestWhite) {
  NodeRunner panel("image.panel");
  panel.set("columns", int64_t{2}).set("gap", int64_t{1});
  panel.input("in", grey(-1)).input("in", grey(-0.5)).input("in", grey(0)).run();
  EXPECT_EQ(panel.tensor("panel").sizes(), (std::vector<int64_t>{1, 3, 3, 5}));
  EXPECT_THAT(values(panel.tensor("panel").select(1, 0)), ElementsAre(-1, -1, 1, -0.5, -0.5,  //
                                                                      1, 1, 1, 1, 1,          //
                                                                      0, 0, 1, 1, 1));
}

TEST(ImagePanel, LeavesThePlaceOfAnAbsentImageBlack) {
  NodeRunner panel("image.panel");
  panel.set("columns", int64_t{2});
  panel.input("in", grey(0)).input("in", Value()).input("in", grey(0.5)).run();
  EXPECT_THAT(values(panel.tensor("panel").select(1, 0)), ElementsAre(0, 0, -1, -1,  //
                                                                      0.5, 0.5, 1, 1));
}

TEST(ImagePanel, TellsItsSizeBeforeTheRun) {
  const NodeRunner panel("image.panel");
  Symbols symbols;
  Shapes shapes;
  shapes.symbols = &symbols;
  for (int i = 0; i < 3; ++i) shapes.add_input("in", {1, 3, 64, 128});
  shapes.set('H', 64);
  shapes.set('W', 128);
  panel.spec().shape({{"columns", int64_t{2}}, {"gap", int64_t{4}}}, shapes);
  EXPECT_EQ(shapes['P'], Dim(132));
  EXPECT_EQ(shapes['Q'], Dim(260));

  // Without gaps the size follows from one that is not known yet.
  const Dim unknown = symbols.make("height of labels");
  shapes.set('H', unknown);
  panel.spec().shape({{"columns", int64_t{1}}}, shapes);
  EXPECT_EQ(shapes['P'], unknown * 3);
}

TEST(ImagePanel, RefusesImagesOfTwoSizes) {
  NodeRunner panel("image.panel");
  panel.input("in", at::zeros({1, 3, 4, 4})).input("in", at::zeros({1, 3, 4, 8}));
  EXPECT_EQ(error_text([&] { panel.run(); }), "input `in` wants image[B,3,H,W], but W is 4 elsewhere and 8 here");
}

}  // namespace
}  // namespace weft
