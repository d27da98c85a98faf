#include "framework/spec/dim.h"

#include <gtest/gtest.h>

#include <limits>

namespace weft {
namespace {

using Verdict = Symbols::Verdict;

TEST(Dim, ANumberIsKnown) {
  EXPECT_TRUE(Dim(7).is_known());
  EXPECT_EQ(Dim(7).value(), 7);
  EXPECT_EQ(Dim(6) * 4 / 3, Dim(8));
  EXPECT_FALSE((Dim(7) / 2).is_known()) << "half a pixel is no size";
}

TEST(Dim, ASymbolIsKnownByItsRatio) {
  Symbols symbols;
  const Dim height = symbols.make("H of labels");
  EXPECT_FALSE(height.is_known());
  EXPECT_EQ(height / 2 * 2, height);
  EXPECT_EQ(height * 3 / 6, height / 2);
  EXPECT_FALSE(height / 2 == height);
}

TEST(Dim, AProductThatNoIntegerHoldsIsTheLargest) {
  constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();
  const Dim large = Dim(kLargest / 2);
  EXPECT_EQ(large * 3, Dim(kLargest));
  EXPECT_EQ(large * 3 * 3, Dim(kLargest));
  EXPECT_EQ(large * -3, Dim(-kLargest));
  EXPECT_EQ(Dim(std::numeric_limits<int64_t>::min()) * 1, Dim(-kLargest));
  EXPECT_EQ((Dim(1) / kLargest / 2).denominator(), kLargest);
}

TEST(Symbols, AnUnknownSizeBecomesTheNumberItStandsAgainst) {
  Symbols symbols;
  const Dim height = symbols.make("H");
  EXPECT_EQ(symbols.unify(height, 64), Verdict::Unknown);
  EXPECT_EQ(symbols.resolve(height), Dim(64));
  EXPECT_EQ(symbols.unify(height, 64), Verdict::Equal);
  EXPECT_EQ(symbols.unify(height, 32), Verdict::Different);
}

TEST(Symbols, HalfOfAnUnknownSizeMakesTheWholeKnown) {
  Symbols symbols;
  const Dim height = symbols.make("H");
  EXPECT_EQ(symbols.unify(height / 2, 32), Verdict::Unknown);
  EXPECT_EQ(symbols.resolve(height), Dim(64));
  EXPECT_EQ(symbols.unify(48, height * 3 / 4), Verdict::Equal);
}

TEST(Symbols, WhatDoesNotDivideStaysAFraction) {
  Symbols symbols;
  const Dim width = symbols.make("W");
  symbols.unify(width, 5);
  const Dim half = symbols.resolve(width / 2);
  EXPECT_FALSE(half.is_known());
  EXPECT_EQ(half.symbol(), Dim::kNoSymbol);
  EXPECT_EQ(half.numerator(), 5);
  EXPECT_EQ(half.denominator(), 2);
}

TEST(Symbols, OfTwoUnknownSizesTheOlderStays) {
  Symbols symbols;
  const Dim first = symbols.make("H of labels"), second = symbols.make("H of images");
  EXPECT_EQ(symbols.unify(second, first * 2), Verdict::Unknown);
  EXPECT_EQ(symbols.describe(second), "2 * H of labels");
  EXPECT_EQ(symbols.unify(second, first), Verdict::Different);
  symbols.unify(second, 10);
  EXPECT_EQ(symbols.resolve(first), Dim(5));
}

TEST(Symbols, OneSizeIsNotItsOwnHalf) {
  Symbols symbols;
  const Dim height = symbols.make("H");
  EXPECT_EQ(symbols.unify(height, height / 2), Verdict::Different);
  EXPECT_EQ(symbols.unify(height, height), Verdict::Equal);
}

TEST(Symbols, ChainsAreFollowedToTheirEnd) {
  Symbols symbols;
  const Dim a = symbols.make("a"), b = symbols.make("b"), c = symbols.make("c");
  symbols.unify(b, a * 2);
  symbols.unify(c, b * 3);
  symbols.unify(c, 60);
  EXPECT_EQ(symbols.resolve(a), Dim(10));
  EXPECT_EQ(symbols.resolve(b), Dim(20));
}

TEST(Symbols, SizesAreDescribedAsPeopleReadThem) {
  Symbols symbols;
  const Dim height = symbols.make("H of labels");
  EXPECT_EQ(symbols.describe(Dim(256)), "256");
  EXPECT_EQ(symbols.describe(height), "H of labels");
  EXPECT_EQ(symbols.describe(height / 2), "H of labels / 2");
  EXPECT_EQ(symbols.describe(height * 3 / 2), "3 * H of labels / 2");
  EXPECT_EQ(symbols.describe(Dims{1, 3, height, 512}), "[1, 3, H of labels, 512]");
}

}  // namespace
}  // namespace weft
