// What nodes are given besides their parameters: values, state, randomness. And the parameters.
#include "framework/testing/values.h"

#include "framework/node/archive.h"
#include "framework/node/context.h"
#include "framework/node/params.h"
#include "framework/node/ports.h"
#include "framework/node/value.h"
#include "framework/testing/error_text.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/tensor.h>
#include <c10/core/GradMode.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <latch>
#include <thread>

namespace weft {
namespace {

using ::testing::ElementsAre;

/// A frame of two channels and one pixel: 10 t and 10 t + 1.
at::Tensor frame(int t) {
  return at::arange(10 * t, 10 * t + 2, at::kFloat).view({1, 2, 1, 1});
}

TEST(Value, AWindowIsJoinedAsItIsAskedFor) {
  const Value window(std::vector<at::Tensor>{frame(1), frame(2), frame(3)});
  EXPECT_TRUE(window.is_window());
  EXPECT_EQ(window.tensor().sizes(), at::IntArrayRef({1, 3, 2, 1, 1}));
  EXPECT_THAT(testing::values(window.tensor()), ElementsAre(10, 11, 20, 21, 30, 31));
  EXPECT_EQ(window.channels().sizes(), at::IntArrayRef({1, 6, 1, 1}));
  EXPECT_THAT(testing::values(window.channels()), ElementsAre(10, 11, 20, 21, 30, 31));
  EXPECT_EQ(window.frames().size(), 3);
  EXPECT_EQ(window.tensor().data_ptr(), window.tensor().data_ptr()) << "joined once";
  EXPECT_EQ(window.describe(), "3 frames of [1, 2, 1, 1]");
}

TEST(Value, AWindowOfOneFrameIsThatFrameAlongItsChannels) {
  const at::Tensor only = frame(1);
  const Value window(std::vector<at::Tensor>{only});
  EXPECT_EQ(window.channels().data_ptr(), only.data_ptr()) << "without a copy";
  EXPECT_EQ(window.tensor().sizes(), at::IntArrayRef({1, 1, 2, 1, 1}));
}

TEST(Value, AWindowHasGradientsEvenIfItsFirstReaderTakesNone) {
  at::Tensor learnt = frame(1).requires_grad_();
  for (const bool stacks : {true, false}) {
    const Value window(std::vector<at::Tensor>{learnt * 2, frame(2)});
    const auto joined = [&] { return stacks ? window.tensor() : window.channels(); };
    {
      const c10::AutoGradMode none(false);
      EXPECT_EQ(joined().numel(), 4);
    }
    EXPECT_TRUE(joined().requires_grad());
  }
  const Value plain(std::vector<at::Tensor>{frame(1), frame(2)});
  EXPECT_FALSE(plain.tensor().requires_grad());
}

TEST(Value, AWindowReadByManyThreadsIsJoinedOnce) {
  for (int round = 0; round < 50; ++round) {
    const Value window(std::vector<at::Tensor>{frame(1), frame(2), frame(3)});
    std::array<std::array<const void*, 2>, 4> seen{};
    std::latch begin(seen.size());
    std::vector<std::thread> readers;
    for (auto& own : seen) {
      readers.emplace_back([&] {
        begin.arrive_and_wait();
        own = {window.tensor().data_ptr(), window.channels().data_ptr()};
      });
    }
    for (std::thread& reader : readers) reader.join();
    for (const auto& own : seen) EXPECT_EQ(own, seen[0]);
    EXPECT_THAT(testing::values(window.tensor()), ElementsAre(10, 11, 20, 21, 30, 31));
  }
}

/// A one-hot map of three channels, by ids, one pixel for each.
nn::MapOrIds by_ids(const std::vector<int64_t>& ids) {
  const at::Tensor pixels = at::tensor(ids).view({1, 1, 1, -1}).to(at::kShort);
  return std::make_shared<const nn::OneHot>(pixels, std::vector<int64_t>{3}, at::kFloat);
}

TEST(Value, AOneHotMapByItsIdsIsTheMapForThoseWhoAskForATensor) {
  const Value value(by_ids({2, 0, 3}));
  EXPECT_TRUE(value.is_one_hot());
  EXPECT_THAT(value.sizes(), ElementsAre(1, 3, 1, 3));
  EXPECT_EQ(value.describe(), "[1, 3, 1, 3]");
  EXPECT_THAT(testing::values(value.tensor()), ElementsAre(0, 1, 0, 0, 0, 0, 1, 0, 0));
  EXPECT_EQ(value.tensor().data_ptr(), value.tensor().data_ptr()) << "made once";
  EXPECT_TRUE(value.map_or_ids().is_one_hot());
  EXPECT_FALSE(Value(value.tensor()).map_or_ids().is_one_hot());
}

TEST(Value, AWindowOfIdsIsJoinedByTheIds) {
  const Value window(std::vector<nn::MapOrIds>{by_ids({2, 0}), by_ids({3, 1})});
  const nn::MapOrIds joined = window.map_or_ids();
  ASSERT_TRUE(joined.is_one_hot());
  EXPECT_THAT(testing::values(joined.one_hot()->ids()), ElementsAre(2, 0, 3, 1));
  EXPECT_THAT(joined.sizes(), ElementsAre(1, 6, 1, 2));
  EXPECT_THAT(testing::values(window.channels()), ElementsAre(0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0));
  EXPECT_THAT(window.tensor().sizes(), ElementsAre(1, 2, 3, 1, 2));
  EXPECT_THAT(testing::values(window.frames()[1]), ElementsAre(0, 0, 0, 1, 0, 0));
  EXPECT_EQ(window.describe(), "2 frames of [1, 3, 1, 2]");
}

TEST(Value, AWindowOfIdsAndMapsIsJoinedByTheMaps) {
  const at::Tensor map = by_ids({3, 1}).map();
  const Value window(std::vector<nn::MapOrIds>{by_ids({2, 0}), map});
  EXPECT_FALSE(window.map_or_ids().is_one_hot());
  EXPECT_THAT(testing::values(window.channels()), ElementsAre(0, 1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0));
}

TEST(Value, AChangeReachesIds) {
  const auto flipped = [](const at::Tensor& tensor) { return tensor.flip(3); };
  std::vector<std::string> paths;
  const auto note = [&](const std::string& path, const at::Tensor&) { paths.push_back(path); };
  const Value one = Value(by_ids({2, 0})).map(flipped);
  one.visit(note);
  ASSERT_TRUE(one.is_one_hot());
  EXPECT_THAT(testing::values(one.one_hot()->ids()), ElementsAre(0, 2));
  const Value window = Value(std::vector<nn::MapOrIds>{by_ids({2, 0}), frame(1)}).map(flipped);
  window.visit(note);
  EXPECT_THAT(testing::values(window.kept()[0].one_hot()->ids()), ElementsAre(0, 2));
  EXPECT_THAT(paths, ElementsAre("/ids", "/frame/0/ids", "/frame/1"));
}

TEST(Value, AMapByIdsReadByManyThreadsIsMadeOnce) {
  for (int round = 0; round < 50; ++round) {
    const Value value(by_ids({2, 0, 3}));
    std::array<const void*, 4> seen{};
    std::latch begin(seen.size());
    std::vector<std::thread> readers;
    for (auto& own : seen) {
      readers.emplace_back([&] {
        begin.arrive_and_wait();
        own = value.tensor().data_ptr();
      });
    }
    for (std::thread& reader : readers) reader.join();
    for (const void* own : seen) EXPECT_EQ(own, seen[0]);
  }
}

TEST(Value, AStackedTensorIsAWindowToo) {
  const Value stacked(at::arange(12, at::kFloat).view({1, 3, 2, 1, 2}));
  EXPECT_FALSE(stacked.is_window());
  EXPECT_EQ(stacked.frames().size(), 3);
  EXPECT_THAT(testing::values(stacked.frames()[1]), ElementsAre(4, 5, 6, 7));
  EXPECT_EQ(stacked.channels().sizes(), at::IntArrayRef({1, 6, 1, 2}));
}

TEST(Value, TextsAndNothingAreDescribed) {
  EXPECT_EQ(Value(std::string("a")).describe(), "\"a\"");
  EXPECT_EQ(Value().describe(), "nothing");
  Value value(frame(1));
  EXPECT_EQ(value.describe(), "[1, 2, 1, 1]");
  value.clear();
  EXPECT_FALSE(value.has_value());
}

TEST(Value, AChangeReachesEveryTensorInIt) {
  const auto twice = [](const at::Tensor& tensor) { return tensor * 2; };
  EXPECT_THAT(testing::values(Value(frame(1)).map(twice).tensor()), ElementsAre(20, 22));
  const Value window = Value(std::vector<at::Tensor>{frame(1), frame(2)}).map(twice);
  EXPECT_TRUE(window.is_window());
  EXPECT_THAT(testing::values(window.channels()), ElementsAre(20, 22, 40, 42));
  EXPECT_EQ(Value(std::string("a")).map(twice).text(), "a");
}

TEST(Ports, AWindowsFramesAndChannelsAreThereAtThePort) {
  const Value window(std::vector<at::Tensor>{frame(1), frame(2)});
  const Value* const pointer = &window;
  const In<"x", "image[B,T,C,H,W]"> in(PortInput{&pointer, 1});
  EXPECT_EQ(in.frames().size(), 2);
  EXPECT_EQ(in->sizes(), at::IntArrayRef({1, 2, 2, 1, 1}));
  EXPECT_THAT(testing::values(in.channels()), ElementsAre(10, 11, 20, 21));
  const Opt<"x", "image[B,T,C,H,W]"> some(PortInput{&pointer, 1}), none(PortInput{nullptr, 0});
  EXPECT_TRUE(static_cast<bool>(some));
  EXPECT_FALSE(static_cast<bool>(none));
  EXPECT_EQ(some.frames().size(), 2);
}

TEST(Ports, TheDeclarationSaysWhatAPortHolds) {
  static_assert(std::is_same_v<In<"x", "image[B,3,H,W]">::Held, at::Tensor>);
  static_assert(std::is_same_v<In<"x", "text">::Held, std::string>);
  static_assert(std::is_same_v<Out<"x", "scalar">::Held, at::Tensor>);
  const Value text(std::string("word"));
  const Value* const pointer = &text;
  const In<"x", "text"> in(PortInput{&pointer, 1});
  EXPECT_EQ(*in, "word");
}

TEST(Archive, WhatIsSavedComesBack) {
  at::Tensor tensor = frame(3);
  int64_t integer = 7;
  double real = 0.1;
  const auto state = [&](Archive& archive) {
    archive("tensor", tensor);
    archive("integer", integer);
    archive("real", real);
  };
  Archive saving;
  state(saving);
  tensor = at::Tensor();
  integer = 0;
  real = 0;
  Archive restoring(saving.entries());
  state(restoring);
  EXPECT_THAT(testing::values(tensor), ElementsAre(30, 31));
  EXPECT_EQ(integer, 7);
  EXPECT_EQ(real, 0.1) << "to the last bit";
}

TEST(Archive, WhatIsNotThereIsNamed) {
  const Archive::Entries nothing;
  Archive archive(nothing);
  int64_t integer = 0;
  EXPECT_EQ(testing::error_text([&] { archive("integer", integer); }), "the saved state has no entry \"integer\"");
}

struct Draw {
  std::string node = "n";
  uint64_t seed = 1, sequence = 0;
  int64_t frame = 0;

  float number() const {
    Log log(Log::Level::Quiet);
    Context context(node, seed, at::kCPU, at::kFloat, log);
    context.set_sequence("any name", sequence);
    context.set_frame(frame);
    return at::rand({1}, context.generator(at::kCPU)).item<float>();
  }
};

TEST(Context, RandomnessIsThatOfSeedNodeSequenceAndFrame) {
  const float number = Draw().number();
  EXPECT_EQ(Draw().number(), number);
  EXPECT_NE((Draw{.seed = 2}.number()), number);
  EXPECT_NE((Draw{.node = "m"}.number()), number);
  EXPECT_NE((Draw{.sequence = 1}.number()), number);
  EXPECT_NE((Draw{.frame = 1}.number()), number);
  EXPECT_NE((Draw{.sequence = 1}.number()), (Draw{.frame = 1}.number()));
}

enum class Norm { Batch, Instance };

/// One parameter of each type.
struct Everything {
  bool boolean = true;
  int64_t integer = 3;
  int small = 4;
  double real = 0.5;
  float narrow = 0.25F;
  std::string text = "a";
  Path path = "b";
  std::vector<int64_t> integers = {1, 2};
  std::vector<double> reals = {0.5};
  std::vector<std::string> texts = {"c"};
  std::optional<int64_t> maybe;
  Norm norm = Norm::Instance;

  void params(Params& p) {
    p("boolean", boolean, "1");
    p("integer", integer, "2").min(1).max(9);
    p("small", small, "3").required();
    p("real", real, "4").above(0).below(1);
    p("narrow", narrow, "5");
    p("text", text, "6").choice({"a", "z"});
    p("path", path, "7");
    p("integers", integers, "8").count({2, 3});
    p("reals", reals, "9");
    p("texts", texts, "10");
    p("maybe", maybe, "11").min(0);
    p("norm", norm, "12", {{"batch", Norm::Batch}, {"instance", Norm::Instance}});
  }
};

TEST(Params, ADeclarationHasTypeDefaultAndRange) {
  Params p;
  Everything().params(p);
  std::vector<std::string> rows;
  for (const ParamSpec& spec : p.specs()) {
    rows.push_back(spec.name + ": " + describe(spec.type) + ", " +
                   (spec.required        ? "required"
                    : spec.default_value ? toml_text(*spec.default_value)
                                         : "not set") +
                   ", " + spec.range_text() + ", " + spec.about);
  }
  EXPECT_THAT(rows, ElementsAre("boolean: true or false, true, , 1", "integer: an integer, 3, at least 1, at most 9, 2",
                                "small: an integer, required, , 3", "real: a number, 0.5, above 0, below 1, 4",
                                "narrow: a number, 0.25, , 5", "text: a text, \"a\", one of \"a\" or \"z\", 6",
                                "path: a path, \"b\", , 7", "integers: a list of integers, [1, 2], 2 or 3 items, 8",
                                "reals: a list of numbers, [0.5], , 9", "texts: a list of texts, [\"c\"], , 10",
                                "maybe: an integer, not set, at least 0, 11",
                                "norm: a text, \"instance\", one of \"batch\" or \"instance\", 12"));
}

TEST(Params, GivenValuesFillTheFields) {
  Everything node;
  const ParamValues values = {{"boolean", false},
                              {"small", int64_t{-5}},
                              {"narrow", 0.125},
                              {"path", std::string("/there")},
                              {"maybe", int64_t{6}},
                              {"integers", std::vector<int64_t>{7, 8, 9}},
                              {"norm", std::string("batch")}};
  Params filling(values);
  node.params(filling);
  EXPECT_FALSE(node.boolean);
  EXPECT_EQ(node.small, -5);
  EXPECT_EQ(node.narrow, 0.125F);
  EXPECT_EQ(node.path, "/there");
  EXPECT_THAT(node.integers, ElementsAre(7, 8, 9));
  EXPECT_EQ(node.maybe, 6);
  EXPECT_EQ(node.norm, Norm::Batch);
  EXPECT_EQ(node.integer, 3) << "what is not given keeps its default";
  EXPECT_EQ(node.text, "a");
}

}  // namespace
}  // namespace weft
