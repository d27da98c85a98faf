// A struct as a node: what it says of itself, and how it is called.
#include "framework/include/weft/node.h"
#include "framework/testing/error_text.h"
#include "framework/testing/values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::ElementsAre;

at::Tensor filled(double value) {
  return at::full({1, 1, 1, 2}, value, at::kFloat);
}

/// Calls a node with these values at its inputs.
struct Caller {
  explicit Caller(Registry& registry, const std::string& type)
      : node(registry.make(type)), outputs(registry.find(type)->outputs.size()) {}

  bool run(const std::vector<std::vector<Value>>& values) {
    std::vector<std::vector<const Value*>> pointers;
    std::vector<PortInput> ports;
    for (const auto& of_port : values) {
      auto& to_values = pointers.emplace_back();
      for (const Value& value : of_port) to_values.push_back(&value);
    }
    for (const auto& to_values : pointers) ports.push_back({to_values.data(), to_values.size()});
    return node->run(ports, outputs, context);
  }

  std::unique_ptr<Node> node;
  std::vector<Value> outputs;
  Log log{Log::Level::Quiet};
  Context context{"n", 1, at::kCPU, at::kFloat, log};
};

struct Blend {
  static constexpr auto about = "Under, over, a mask if there is one, and as many more as there are";
  static constexpr auto passes = "under";
  static constexpr bool random = true;
  static constexpr bool on_host = true;
  static constexpr bool stops_gradients = true;
  double gain = 1;
  void params(Params& p) { p("gain", gain, "factor").above(0); }
  std::tuple<Out<"sum", "like under[B,C,H,W]">, Out<"count", "scalar">> run(In<"under", "image[B,C,H,W]"> under,
                                                                            Context& context,
                                                                            Opt<"mask", "mask[B,1,H,W]"> mask,
                                                                            Many<"more", "any[B,C,H,W]"> more) {
    at::Tensor sum = *under * gain + static_cast<double>(context.frame());
    if (mask) sum = sum + *mask;
    for (size_t i = 0; i < more.size(); ++i) sum = sum + more[i];
    return {sum, at::full({}, static_cast<double>(more.all().size()))};
  }
};

struct Steps {
  static constexpr auto about = "0, 1, 2, …";
  static constexpr bool still = true;
  int64_t length = 2;
  void params(Params& p) { p("length", length, "frames"); }
  void shape(Shapes& shapes) const { shapes.set('W', length * 10); }
  std::optional<int64_t> frame_count() const { return length; }
  std::optional<Out<"out", "feature[B,1,1,W]">> run() {
    return next_ < length ? std::optional<Out<"out", "feature[B,1,1,W]">>(filled(static_cast<double>(next_++)))
                          : std::nullopt;
  }

 private:
  int64_t next_ = 0;
};

struct Words {
  static constexpr auto about = "Collects what it is told";
  std::string all;
  int64_t frames = 0;
  void reset() { all.clear(); }
  void state(Archive& archive) { archive("frames", frames); }
  void run(In<"word", "text"> word) {
    all += *word;
    ++frames;
  }
  void finish(Context& context) { context.log().note(all); }
};

struct Layers : nn::Module {
  static constexpr auto about = "A network";
  Out<"out", "like in[...]"> run(In<"in", "any[...]"> in) { return *in; }
};

TEST(Wrap, PortsAndTraitsComeFromTheStruct) {
  const NodeSpec spec = describe_node<Blend>("test.blend");
  EXPECT_EQ(spec.about, Blend::about);
  EXPECT_THAT(spec.input_names(), ElementsAre("under", "mask", "more"));
  EXPECT_THAT(spec.output_names(), ElementsAre("sum", "count"));
  EXPECT_THAT(spec.param_names(), ElementsAre("gain"));
  EXPECT_EQ(spec.find_input("mask")->arity, PortSpec::Arity::Optional);
  EXPECT_EQ(spec.find_input("more")->arity, PortSpec::Arity::Many);
  EXPECT_EQ(spec.find_output("sum")->like, "under");
  EXPECT_EQ(spec.passes.at("sum"), "under");
  EXPECT_TRUE(spec.is_random && spec.on_host && spec.stops_gradients);
  EXPECT_FALSE(spec.is_source || spec.is_sink || spec.is_still || spec.has_state || spec.is_trainable);
  EXPECT_FALSE(spec.shape || spec.frame_count);
}

TEST(Wrap, ResultsSayWhatASourceAndASinkIs) {
  const NodeSpec source = describe_node<Steps>("test.steps"), sink = describe_node<Words>("test.words");
  EXPECT_TRUE(source.is_source && source.is_still && !source.is_sink);
  EXPECT_TRUE(sink.is_sink && sink.has_state && !sink.is_source);
  EXPECT_TRUE(sink.outputs.empty());
  EXPECT_TRUE(describe_node<Layers>("test.layers").is_trainable);
}

TEST(Wrap, ShapesAndCountsFollowTheParameters) {
  const NodeSpec spec = describe_node<Steps>("test.steps");
  Shapes shapes;
  spec.shape({{"length", int64_t{7}}}, shapes);
  EXPECT_EQ(shapes.find("W"), Dim(70));
  EXPECT_EQ(spec.frame_count({{"length", int64_t{7}}}), 7);
  EXPECT_EQ(spec.frame_count({}), 2) << "the default";
}

TEST(Wrap, InputsReachTheirArgumentsWhereverTheContextStands) {
  Registry registry;
  registry.add<Blend>("test.blend");
  Caller caller(registry, "test.blend");
  caller.node->configure({{"gain", 2.0}});
  caller.context.set_frame(100);
  EXPECT_TRUE(caller.run({{filled(1)}, {filled(10)}, {filled(1000), filled(2000)}}));
  EXPECT_EQ(testing::values(caller.outputs[0].tensor()), std::vector<float>({3112, 3112}));
  EXPECT_EQ(caller.outputs[1].tensor().item<float>(), 2);
  caller.run({{filled(1)}, {}, {filled(1000)}});
  EXPECT_EQ(testing::values(caller.outputs[0].tensor()), std::vector<float>({1102, 1102}));
}

TEST(Wrap, ASourceHasOneSequenceUnlessItSaysOtherwise) {
  Registry registry;
  registry.add<Steps>("test.steps");
  Caller caller(registry, "test.steps");
  EXPECT_EQ(caller.node->as_source()->next_sequence(caller.context), "");
  EXPECT_EQ(caller.node->as_source()->frames(), 2);
  EXPECT_TRUE(caller.node->as_source()->skip(caller.context));
  EXPECT_TRUE(caller.run({}));
  EXPECT_EQ(caller.outputs[0].tensor()[0][0][0][0].item<float>(), 1);
  EXPECT_FALSE(caller.run({})) << "its end";
  EXPECT_EQ(caller.node->as_source()->next_sequence(caller.context), std::nullopt);
}

TEST(Wrap, ASinkIsResetSavedAndFinished) {
  Registry registry;
  registry.add<Words>("test.words");
  Caller caller(registry, "test.words");
  std::string told;
  caller.log.listen([&](const std::string&, const std::string& line) { told = line; });
  caller.run({{std::string("lost")}});
  caller.node->reset();
  caller.run({{std::string("a")}});
  caller.run({{std::string("b")}});
  caller.node->as_sink()->finish(caller.context);
  EXPECT_EQ(told, "ab");
  Archive saved;
  caller.node->state(saved);
  EXPECT_EQ(saved.entries().at("frames").item<int64_t>(), 3);
}

TEST(Wrap, WhatAStructLacksDoesNothing) {
  Registry registry;
  registry.add<Blend>("test.blend");
  Caller caller(registry, "test.blend");
  caller.node->reset();
  Archive archive;
  caller.node->state(archive);
  EXPECT_TRUE(archive.entries().empty());
  EXPECT_EQ(caller.node->module(), nullptr);
  EXPECT_EQ(caller.node->as_source(), nullptr);
  EXPECT_EQ(caller.node->as_sink(), nullptr);
}

TEST(Wrap, ATrainableNodeShowsItsLayers) {
  Registry registry;
  registry.add<Layers>("test.layers");
  EXPECT_NE(registry.make("test.layers")->module(), nullptr);
}

TEST(Registry, TypesAreFamilyAndName) {
  for (const std::string type : {"blend", "a.b.c", "Flow.warp", "flow.", ".warp", "flow warp", "flow.wärp", ""}) {
    Registry registry;
    EXPECT_EQ(testing::error_text([&] { registry.add<Blend>(type); }),
              '"' + type + "\" is not a node type: write family.name in small letters");
  }
}

TEST(Registry, ATypeIsThereOnce) {
  Registry registry;
  registry.set_plugin("mine");
  registry.add<Blend>("test.blend");
  EXPECT_EQ(testing::error_text([&] { registry.add<Words>("test.blend"); }),
            "the node type test.blend is already there, from the plugin mine");
  EXPECT_EQ(testing::error_text([&] { registry.make("test.bland"); }), "there is no node type test.bland");
}

TEST(Registry, APluginsTypesAreTakenBackTogether) {
  Registry registry;
  registry.add<Steps>("own.steps");
  registry.set_plugin("mine");
  registry.add<Blend>("test.blend");
  registry.add<Words>("test.words");
  EXPECT_THAT(registry.types(), ElementsAre("own.steps", "test.blend", "test.words"));
  registry.remove_plugin("mine");
  EXPECT_THAT(registry.types(), ElementsAre("own.steps"));
}

struct SourceWithInput {
  static constexpr auto about = "faulty";
  std::optional<Out<"out", "scalar">> run(In<"in", "scalar"> in) { return *in; }
};
struct TwoOfAName {
  static constexpr auto about = "faulty";
  Out<"out", "scalar"> run(In<"in", "scalar"> in, In<"in", "scalar">) { return *in; }
};
struct TwoOutputsOfAName {
  static constexpr auto about = "faulty";
  std::tuple<Out<"out", "scalar">, Out<"out", "scalar">> run(In<"in", "scalar"> in) { return {*in, *in}; }
};
struct LikeNothing {
  static constexpr auto about = "faulty";
  Out<"out", "like it[...]"> run(In<"in", "any[...]"> in) { return *in; }
};
struct InputLike {
  static constexpr auto about = "faulty";
  Out<"out", "scalar"> run(In<"a", "scalar"> a, In<"b", "like a[...]">) { return *a; }
};
struct PassesNothing {
  static constexpr auto about = "faulty";
  static constexpr auto passes = "it";
  Out<"out", "scalar"> run(In<"in", "scalar"> in) { return *in; }
};
struct ReservedParameter {
  static constexpr auto about = "faulty";
  bool use = false;
  void params(Params& p) { p("use", use, "faulty"); }
  Out<"out", "scalar"> run(In<"in", "scalar"> in) { return *in; }
};

template <typename T>
std::string fault_of() {
  Registry registry;
  return testing::error_text([&] { registry.add<T>("test.faulty"); });
}

TEST(Registry, FaultsOfAnAuthorAreToldWhenTheTypeIsAdded) {
  EXPECT_EQ(fault_of<SourceWithInput>(), "test.faulty: a source (run() returns std::optional) has no inputs");
  EXPECT_EQ(fault_of<TwoOfAName>(), "test.faulty: the input `in` is declared twice");
  EXPECT_EQ(fault_of<TwoOutputsOfAName>(), "test.faulty: the output `out` is declared twice");
  EXPECT_EQ(fault_of<LikeNothing>(), "test.faulty: the output `out` is like `it`, which is no input");
  EXPECT_EQ(fault_of<InputLike>(), "test.faulty: the input `b` says like; only outputs can");
  EXPECT_EQ(fault_of<PassesNothing>(), "test.faulty: `it` should pass through, but is no input");
  EXPECT_EQ(fault_of<ReservedParameter>(), "test.faulty: a parameter cannot be called `use`");
}

}  // namespace
}  // namespace weft
