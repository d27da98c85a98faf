#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/weights/fill.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace weft {
namespace {

using testing::error_text;
using testing::NodeRunner;

at::Tensor input(const char* name, std::vector<int64_t> shape) {
  return weights::fill_input(name, shape);
}

void fill(NodeRunner& node) {
  for (const auto& [key, parameter] : node.module().tensors())
    parameter->set(weights::fill(key, parameter->shape(), parameter->type()));
}

/// What the networks of a generator hold together.
struct Content {
  int64_t learnt = 0, entries = 0;
  std::set<std::string> keys;

  Content& operator+=(NodeRunner& node) {
    for (const auto& [key, parameter] : node.module().tensors()) {
      ++entries;
      keys.insert(key);
      if (parameter->role() == nn::Parameter::Role::Learnt) learnt += parameter->count();
    }
    return *this;
  }
};

/// The nodes of the published size, for label maps of so many channels.
struct Published {
  explicit Published(int64_t labels) {
    examples.input("image", at::zeros({1, 1, 3, 32, 32})).input("label", at::zeros({1, 1, labels, 32, 32}));
    encoder.input("feature", at::zeros({1, 256, 8, 8}));
    weights.input("encoded", at::zeros({1, 2048, 1, 1}));
    generator.input("start", at::zeros({1, 1024, 1, 1})).input("label", at::zeros({1, labels, 32, 32}));
    flow.input("label", at::zeros({1, labels, 32, 32})).input("labels", at::zeros({1, labels, 32, 32}));
    flow.input("images", at::zeros({1, 3, 32, 32}));
  }

  Content content() {
    Content all;
    for (NodeRunner* node : {&examples, &encoder, &weights, &generator, &flow}) all += *node;
    return all;
  }

  NodeRunner examples{"fewshot.examples"}, encoder{"fewshot.encoder"}, weights{"fewshot.weights"},
      generator{"fewshot.generator"}, flow{"fewshot.flow"};
};

// Numbers and entries of the program's own networks with its default options.
TEST(FewShot, TheGeneratorOfStreetsHasThePublishedShape) {
  Published street(20);
  street.flow.set("to", "previous");
  const Content content = street.content();
  EXPECT_EQ(content.learnt, 83730686);
  EXPECT_EQ(content.entries, 708);
  EXPECT_TRUE(content.keys.contains("flow_network_temp.down_flow.0.0.weight_orig"));
  EXPECT_TRUE(content.keys.contains("fc_spade_e_3.4.weight_orig"));
}

TEST(FewShot, TheGeneratorOfPeopleHasThePublishedShape) {
  Published people(6);
  people.generator.set("combine", int64_t{2});
  people.generator.input("warped_example", at::zeros({1, 3, 32, 32})).input("example_mask", at::zeros({1, 1, 32, 32}));
  const Content content = people.content();
  EXPECT_EQ(content.learnt, 97960382);
  EXPECT_EQ(content.entries, 778);
  EXPECT_TRUE(content.keys.contains("img_ref_embedding.up_0.1.weight"));
  EXPECT_TRUE(content.keys.contains("up_0.bn_0.mlp_gamma3.weight"));
}

TEST(FewShot, TheDiscriminatorOfPeopleHasThePublishedShape) {
  NodeRunner node("gan.patch_discriminator");
  node.set("variant", "fewshot").set("scales", int64_t{1}).set("layers", int64_t{4}).set("features", int64_t{32});
  node.set("norm", "instance").set("spectral_norm", true).input("conditions", at::zeros({1, 17, 8, 8}));
  node.input("real", at::zeros({1, 3, 8, 8})).input("fake", at::zeros({1, 3, 8, 8}));
  Content content;
  content += node;
  EXPECT_EQ(content.learnt, 2805665);
}

/// The attention over three examples, for label maps of two channels.
struct Attention {
  Attention() {
    for (NodeRunner* node : {&keys, &attention}) node->set("features", int64_t{4}).set("attention_down", int64_t{1});
  }

  void run(const at::Tensor& labels, const at::Tensor& features) {
    keys.input("label", labels);
    fill(keys);
    keys.run();
    attention.input("label", input("label", {1, 2, 8, 8})).input("keys", keys.tensor("keys"));
    attention.input("feature", features);
    fill(attention);
    attention.run();
  }

  NodeRunner keys{"fewshot.attention_keys"}, attention{"fewshot.attention"};
};

TEST(FewShot, TheOrderOfExamplesChangesNothing) {
  const at::Tensor labels = input("labels", {1, 3, 2, 8, 8}), features = input("features", {1, 3, 5, 4, 4});
  Attention first, second;
  first.run(labels, features);
  second.run(labels.flip(1).contiguous(), features.flip(1).contiguous());
  EXPECT_TRUE(at::allclose(first.attention.tensor("feature"), second.attention.tensor("feature"), 0, 1e-5));
  EXPECT_TRUE(at::allclose(first.attention.tensor("attention"), second.attention.tensor("attention").flip(1), 0, 1e-5));
  EXPECT_TRUE(at::allclose(first.attention.tensor("attention").sum(1), at::zeros({1, 4, 4}) + 1, 0, 1e-5));
}

TEST(FewShot, OneOfSeveralExamplesIsPickedForEachSample) {
  NodeRunner pick("fewshot.pick");
  const at::Tensor examples = input("examples", {2, 3, 1, 2, 2});
  pick.input("examples", examples).input("which", at::zeros({2}, at::kLong) + at::arange(2) * 2).run();
  EXPECT_TRUE(at::equal(pick.tensor("example")[0], examples[0][0]));
  EXPECT_TRUE(at::equal(pick.tensor("example")[1], examples[1][2]));
}

/// A generator of 2 features and two halvings.
struct Small : NodeRunner {
  Small() : NodeRunner("fewshot.generator") {
    set("features", int64_t{2}).set("down", int64_t{2}).set("layers", int64_t{1});
    input("start", input_of("start", {1, 8, 2, 2})).input("label", input_of("label", {1, 3, 8, 8}));
  }
  static at::Tensor input_of(const char* name, std::vector<int64_t> shape) { return weights::fill_input(name, shape); }
};

/// fc_spade_0: 4 x 2 (2 + 1), fc_spade_1: 4 (2 + 1), fc_spade_s: 4 x 2 (2 + 1), fc_spade_e: 4 (2 + 1).
constexpr int64_t kGenerated = 24 + 12 + 24 + 12;

TEST(FewShot, GeneratedBiasesOfNormsActOnlyWhereTheyAreAskedFor) {
  const auto image = [](const char* biases, double bias) {
    Small node;
    at::Tensor kernels = weights::fill_input("kernels", {1, kGenerated});
    kernels.narrow(1, 8, 4).fill_(bias);  // of gamma in the first norm: after 4 x 2 weights
    node.set("generated_biases", biases).input("weights", kernels);
    fill(node);
    return node.run().tensor("image").clone();
  };
  EXPECT_TRUE(at::equal(image("ignored", 0), image("ignored", 1)));
  EXPECT_FALSE(at::equal(image("used", 0), image("used", 1)));
}

TEST(FewShot, MapsThatCannotBeHalvedAreRefused) {
  NodeRunner node("fewshot.flow");
  node.set("features", int64_t{4}).input("label", at::zeros({1, 2, 36, 64})).input("labels", at::zeros({1, 2, 36, 64}));
  node.input("images", at::zeros({1, 3, 36, 64}));
  EXPECT_EQ(
      error_text([&] { node.run(); }),
      "fewshot.flow halves its maps 3 times, but the height is 36\n  choose a multiple of 8, or a smaller `down`");
}

TEST(FewShot, AGeneratorWithoutItsKernelsIsRefused) {
  Small node;
  EXPECT_EQ(
      error_text([&] { node.run(); }),
      "fewshot.generator needs `weights` for the layers that `spade` and `conv` name\n  wire fewshot.weights to it, "
      "or set `spade = false` and `conv = false`");
}

TEST(FewShot, WarpedPicturesNeedBlocksThatSeeThem) {
  Small node;
  node.input("warped_example", at::zeros({1, 3, 8, 8})).input("example_mask", at::zeros({1, 1, 8, 8}));
  EXPECT_EQ(
      error_text([&] { node.run(); }),
      "fewshot.generator: warped pictures are wired, but no block sees them\n  set `combine = 2`, or blend them by "
      "image.blend");
}

TEST(FewShot, ConvolutionsCannotBeGeneratedFromAProduct) {
  NodeRunner node("fewshot.weights");
  node.set("conv", true).input("encoded", at::zeros({1, 2048, 1, 1}));
  EXPECT_EQ(error_text([&] { node.run(); }),
            "fewshot.weights: `conv` cannot be generated from a product of features, whose rows are too short\n  set "
            "`labels = \"concat\"`, or `conv = false`");
}

TEST(FewShot, PooledKernelsSeeTheAverageOverAllPixels) {
  const at::Tensor map = input("map", {2, 8, 2, 3}), average = map.mean({2, 3}, true).expand({2, 8, 2, 3});
  const auto kernels = [](const char* form, const at::Tensor& encoded) {
    NodeRunner node("fewshot.weights");
    node.set("features", int64_t{4}).set("down", int64_t{1}).set("layers", int64_t{1}).set("labels", std::string(form));
    node.input("encoded", encoded);
    fill(node);
    return node.run().tensor("weights");
  };
  const at::Tensor pooled = kernels("pooled", map);
  EXPECT_TRUE(at::allclose(pooled, kernels("pooled", average), 1e-4, 1e-5));
  EXPECT_FALSE(at::allclose(pooled[0], pooled[1], 1e-4, 1e-5));
  const at::Tensor read_as_maps = kernels("concat", map);
  EXPECT_FALSE(at::allclose(read_as_maps, kernels("concat", average), 1e-4, 1e-5));
  EXPECT_EQ(pooled.sizes(), read_as_maps.sizes());
}

TEST(FewShot, AnExampleOfAnotherSizeThanItsLabelsIsRefused) {
  NodeRunner node("fewshot.examples");
  node.input("image", at::zeros({1, 1, 3, 32, 32})).input("label", at::zeros({1, 1, 6, 32, 64}));
  EXPECT_EQ(error_text([&] { node.run(); }),
            "input `label` wants conditions[B,K,L,H,W], but W is 32 elsewhere and 64 here");
}

TEST(FewShot, ExamplesAreGatheredInTheirOrder) {
  const at::Tensor first = input("first", {2, 3, 4, 5}), second = input("second", {2, 3, 4, 5});
  NodeRunner gather("fewshot.gather");
  gather.input("in", first).input("in", second).run();
  const at::Tensor examples = gather.tensor("examples");  // of two videos
  EXPECT_EQ(examples.sizes(), (std::vector<int64_t>{2, 2, 3, 4, 5}));
  EXPECT_TRUE(at::equal(examples[1][0], first[1]));
  EXPECT_TRUE(at::equal(examples[0][1], second[0]));
}

TEST(FewShot, ABatchOfPicturesIsTheExamplesOfOneVideo) {
  const at::Tensor pictures = input("pictures", {3, 3, 4, 5});
  NodeRunner gather("fewshot.gather");
  gather.set("from_batch", true).input("in", pictures).run();
  EXPECT_TRUE(at::equal(gather.tensor("examples"), pictures.unsqueeze(0)));
}

TEST(FewShot, ExamplesOfTwoSizesAreRefused) {
  NodeRunner gather("fewshot.gather");
  gather.input("in", at::zeros({1, 3, 8, 8})).input("in", at::zeros({1, 3, 8, 16}));
  EXPECT_EQ(error_text([&] { gather.run(); }), "input `in` wants any[N,C,H,W], but W is 8 elsewhere and 16 here");
}

TEST(FewShot, AStyleMapHasTheStyleAtEveryPixel) {
  const at::Tensor label = input("label", {2, 3, 4, 5}), style = input("style", {2, 6});
  NodeRunner map("fewshot.style_map");
  map.input("label", label).input("style", style).run();
  const at::Tensor conditions = map.tensor("conditions");
  EXPECT_EQ(conditions.sizes(), (std::vector<int64_t>{2, 9, 4, 5}));
  EXPECT_TRUE(at::equal(conditions.narrow(1, 0, 3), label));
  for (int64_t y = 0; y < 4; ++y)
    for (int64_t x = 0; x < 5; ++x) EXPECT_TRUE(at::equal(conditions.narrow(1, 3, 6).select(2, y).select(2, x), style));
}

at::Tensor style_of(const at::Tensor& images, const at::Tensor& labels) {
  NodeRunner style("fewshot.style");
  style.set("features", int64_t{4}).set("down", int64_t{2}).set("width", int64_t{6}).set("spectral_norm", false);
  style.input("image", images).input("label", labels);
  fill(style);
  return style.run().tensor("style");
}

TEST(FewShot, TheStyleOfSeveralExamplesIsTheMean) {
  const at::Tensor images = input("images", {1, 2, 3, 8, 8}), labels = input("labels", {1, 2, 5, 8, 8});
  const at::Tensor both = style_of(images, labels);
  EXPECT_EQ(both.sizes(), (std::vector<int64_t>{1, 6}));
  const at::Tensor first = style_of(images.narrow(1, 0, 1), labels.narrow(1, 0, 1));
  const at::Tensor second = style_of(images.narrow(1, 1, 1), labels.narrow(1, 1, 1));
  EXPECT_FALSE(at::allclose(first, second, 0, 1e-4));
  EXPECT_TRUE(at::allclose(both, (first + second) / 2, 0, 1e-6));
}

TEST(FewShot, BaselinesBeginWithTheStyleOrWithTheSameForAll) {
  const auto start = [](const at::Tensor& label, const at::Tensor& style) {
    NodeRunner node("fewshot.style_start");
    node.set("features", int64_t{4}).set("down", int64_t{2}).input("label", label);
    if (style.defined()) node.input("style", style);
    fill(node);
    return node.run().tensor("start");
  };
  const at::Tensor label = input("label", {2, 3, 8, 16}), style = input("style", {2, 6});
  const at::Tensor same = start(label, {}), own = start(label, style);
  EXPECT_EQ(same.sizes(), (std::vector<int64_t>{2, 16, 2, 4}));
  EXPECT_TRUE(at::equal(same[0], same[1]));
  EXPECT_FALSE(at::allclose(own[0], own[1], 0, 1e-4));
}

TEST(FewShot, AdaptiveNormsFollowTheStyle) {
  const auto image = [](const at::Tensor& style) {
    NodeRunner node("fewshot.generator");
    node.set("features", int64_t{4}).set("down", int64_t{2}).set("spade", false).set("spectral_norm", false);
    node.input("start", input("start", {1, 16, 2, 4})).input("label", input("label", {1, 3, 8, 16}));
    node.input("style", style);
    fill(node);
    std::vector<int64_t> shape;
    for (const auto& [key, parameter] : node.module().tensors())
      if (key == "up_0.bn_1.adain.4.weight") shape = parameter->shape();
    EXPECT_EQ(shape, (std::vector<int64_t>{8, 6}));  // scale and shift of 4 channels, from 6 numbers
    return node.run().tensor("image");
  };
  const at::Tensor first = image(input("style", {1, 6}));
  EXPECT_TRUE(at::equal(first, image(input("style", {1, 6}))));
  EXPECT_FALSE(at::allclose(first, image(input("another", {1, 6})), 0, 1e-4));
}

TEST(FewShot, ARollKeepsAllPixels) {
  NodeRunner roll("fewshot.roll");
  const at::Tensor image = input("image", {1, 3, 32, 48}), label = image.clone();
  for (int frame = 0; frame < 5; ++frame) {
    roll.clear_inputs().input("image", image).input("label", label).run();
    EXPECT_TRUE(at::equal(roll.tensor("image"), roll.tensor("label")));
    EXPECT_TRUE(at::equal(std::get<0>(roll.tensor("image").flatten().sort()), std::get<0>(image.flatten().sort())));
  }
}

}  // namespace
}  // namespace weft
