#include "framework/testing/random_inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

NodeSpec node_with(const std::vector<std::pair<std::string, std::string>>& inputs) {
  NodeSpec spec;
  spec.type = "lab.node";
  for (const auto& [name, declaration] : inputs)
    spec.inputs.push_back(port_or_throw(name, declaration, PortSpec::Arity::One));
  return spec;
}

TEST(RandomInputs, ALetterHasOneSizeThatAllItsPartsDivide) {
  const NodeSpec spec = node_with({{"in", "image[B,3,H,W]"}, {"up", "feature[B,C,H/4,W/2]"}});
  EXPECT_THAT(letter_sizes(spec, {.height = 37, .width = 51}),
              ElementsAre(Pair("B", 1), Pair("C", 4), Pair("H", 36), Pair("W", 50)));
}

TEST(RandomInputs, LastLettersOfAMapAreItsHeightAndWidth) {
  const NodeSpec spec = node_with({{"in", "feature[B,F,M,N]"}});
  EXPECT_THAT(letter_sizes(spec, {.batch = 2, .height = 20, .width = 30}),
              ElementsAre(Pair("B", 2), Pair("F", 4), Pair("M", 20), Pair("N", 30)));
}

TEST(RandomInputs, ImagesSayHowManyChannelsALetterIs) {
  const NodeSpec spec = node_with({{"any", "any[B,C,H,W]"}, {"real", "image[B,C,H,W]"}});
  EXPECT_EQ(letter_sizes(spec, {.channels = 7}).at("C"), 3);
  EXPECT_EQ(letter_sizes(node_with({{"any", "any[B,C,H,W]"}}), {.channels = 7}).at("C"), 7);
}

TEST(RandomInputs, AWindowArrivesAsFrames) {
  const NodeSpec spec = node_with({{"past", "image[B,T,3,H,W]"}});
  const InputValues inputs = random_inputs(spec, {}, {.height = 4, .width = 5}, 1);
  const Value& past = inputs.at("past").front();
  ASSERT_TRUE(past.is_window());
  EXPECT_EQ(past.frames().size(), 2);
  EXPECT_EQ(past.frames().front().sizes(), (std::vector<int64_t>{1, 3, 4, 5}));
}

TEST(RandomInputs, NumbersAreThoseOfTheirKind) {
  const NodeSpec spec = node_with({{"ids", "labels[B,1,H,W]"}, {"mask", "mask[B,1,H,W]"}, {"s", "semantics[B,C,H,W]"}});
  const InputValues inputs = random_inputs(spec, {}, {.height = 16, .width = 16}, 1);
  const at::Tensor ids = inputs.at("ids").front().tensor(), mask = inputs.at("mask").front().tensor();
  EXPECT_EQ(ids.scalar_type(), at::kLong);
  EXPECT_EQ(ids.min().item<int64_t>(), 0);
  EXPECT_EQ(ids.max().item<int64_t>(), 7);
  EXPECT_GE(mask.min().item<float>(), 0);
  EXPECT_LE(mask.max().item<float>(), 1);
  // The parts of all classes add up to one.
  EXPECT_NEAR(inputs.at("s").front().tensor().sum(1).max().item<float>(), 1, 1e-5);
}

TEST(RandomInputs, ATextCannotBeMadeUp) {
  EXPECT_EQ(why_no_inputs(node_with({{"name", "text"}})),
            "its input `name` is a text, which cannot be generated at random");
}

}  // namespace
}  // namespace weft::testing
