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

TEST(RandomInputs, ARecordHasItemsInEachSampleAndTwoInEachList) {
  RecordSpec found;
  found.name = "found";
  found.add("ids", "labels[N]");
  found.add("masks", "mask[N,1,H,W]?");
  found.add("layers/*/feature", "B,C,2");
  found.add("layers/*/any", "...");
  NodeSpec spec;
  PortSpec port;
  port.name = "in";
  port.kind = Kind(std::make_shared<const RecordSpec>(found));
  spec.inputs = {port};
  const Value value = random_inputs(spec, {}, {.batch = 3, .height = 4, .width = 5}, 1).at("in").front();
  ASSERT_TRUE(value.is_record());
  const Record& record = value.record();
  const std::vector<int64_t>& counts = record.counts().at("N");
  ASSERT_EQ(counts.size(), 3);
  for (const int64_t count : counts) EXPECT_GE(count, 1);
  std::map<std::string, std::vector<int64_t>> sizes;
  for (const auto& [path, tensor] : record.tensors()) sizes[path] = tensor.sizes().vec();
  const int64_t items = counts[0] + counts[1] + counts[2];
  const std::map<std::string, std::vector<int64_t>> expected = {{"ids", {items}},
                                                                {"layers/0/any", {3, 4, 4, 5}},
                                                                {"layers/0/feature", {3, 4, 2}},
                                                                {"layers/1/any", {3, 4, 4, 5}},
                                                                {"layers/1/feature", {3, 4, 2}},
                                                                {"masks", {items, 1, 4, 5}}};
  EXPECT_EQ(sizes, expected);
  EXPECT_EQ(record.tensors().at("ids").scalar_type(), at::kLong);
  EXPECT_GE(record.tensors().at("masks").min().item<float>(), 0);
  EXPECT_FALSE(
      random_inputs(spec, {}, {.wires_optional = false}, 1).at("in").front().record().tensors().contains("masks"));
}

TEST(RandomInputs, ATextCannotBeMadeUp) {
  EXPECT_EQ(why_no_inputs(node_with({{"name", "text"}})),
            "its input `name` is a text, which cannot be generated at random");
}

}  // namespace
}  // namespace weft::testing
