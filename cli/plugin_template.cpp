#include "cli/plugin_template.h"

#include <string_view>

// In all texts NAME stands for the plugin's name.
namespace weft::cli {
namespace {

constexpr std::string_view kSource = R"(#include <weft/node.h>

#include <ATen/ops/tensor.h>

namespace {

/// Mixes a colour into an image.
///
///   tinted = (1 - strength) * image + strength * colour
struct Tint {
  static constexpr auto about = "Colour tint of an image";
  static constexpr auto passes = "image";

  std::vector<double> colour = {1.0, 0.4, -0.2};
  double strength = 0.3;

  void params(weft::Params& p) {
    p("colour", colour, "red, green and blue, each from -1 to 1").count({3}).min(-1).max(1);
    p("strength", strength, "weight of the colour: 0 keeps the image, 1 is the colour alone").min(0).max(1);
  }

  weft::Out<"tinted", "image[B,3,H,W]"> run(weft::In<"image", "image[B,3,H,W]"> image) {
    const at::Tensor flat = at::tensor(colour, image->options()).view({1, 3, 1, 1});
    return *image * (1 - strength) + flat * strength;  // [B, 3, H, W]
  }
};

}  // namespace

void add_tint(weft::Registry& registry) {
  registry.add<Tint>("NAME.tint");
}
)";

constexpr std::string_view kNetwork = R"(#include <weft/nn.h>
#include <weft/node.h>

#include <ATen/ops/relu.h>

#include <optional>

namespace {

/// A trainable node. The names of its layers are the keys of its weights.
struct Refine : weft::nn::Module {
  static constexpr auto about = "Residual refinement of an image by two convolutions";
  static constexpr auto passes = "image";

  int64_t features = 16;
  void params(weft::Params& p) { p("features", features, "channels between the convolutions").min(1); }

  void build(const weft::Shapes&) {
    in_.emplace(*this, "in", weft::nn::ConvOptions{.in = 3, .out = features, .kernel = 3, .padding = 1});
    out_.emplace(*this, "out", weft::nn::ConvOptions{.in = features, .out = 3, .kernel = 3, .padding = 1});
  }

  weft::Out<"refined", "image[B,3,H,W]"> run(weft::In<"image", "image[B,3,H,W]"> image, weft::Context& context) {
    const at::Tensor x = weft::nn::enter(*image, context.precision());  // bf16 with --precision bf16
    const at::Tensor hidden = at::relu((*in_)(x));                      // [B, features, H, W]
    return *image + (*out_)(hidden).to(image->scalar_type());           // [B, 3, H, W]
  }

 private:
  std::optional<weft::nn::Conv2d> in_, out_;
};

}  // namespace

void add_refine(weft::Registry& registry) {
  registry.add<Refine>("NAME.refine");
}
)";

constexpr std::string_view kMemory = R"(#include <weft/node.h>

namespace {

/// A node with state: reset() clears it where a sequence begins, state() names it, so that it can be saved.
struct Trail {
  static constexpr auto about = "Motion trail: a moving average of the frames";
  static constexpr auto passes = "image";

  double keep = 0.8;
  void params(weft::Params& p) { p("keep", keep, "weight of the past in the average").min(0).below(1); }

  weft::Out<"trail", "image[B,3,H,W]"> run(weft::In<"image", "image[B,3,H,W]"> image) {
    past_ = past_.defined() ? past_ * keep + *image * (1 - keep) : *image;
    return past_;
  }

  void reset() { past_.reset(); }
  void state(weft::Archive& archive) { archive("past", past_); }

 private:
  at::Tensor past_;  // [B, 3, H, W]
};

}  // namespace

void add_trail(weft::Registry& registry) {
  registry.add<Trail>("NAME.trail");
}
)";

constexpr std::string_view kLoss = R"node(#include <weft/node.h>

namespace {

/// A loss: a scalar through which gradients flow.
struct Charbonnier {
  static constexpr auto about = "Robust L1 between two images: mean sqrt((a-b)^2 + eps^2)";

  double eps = 1e-3;
  void params(weft::Params& p) { p("eps", eps, "smoothing").above(0); }

  weft::Out<"value", "scalar"> run(weft::In<"fake", "image[B,C,H,W]"> fake,
                                   weft::In<"real", "image[B,C,H,W]"> real) {
    return ((*fake - *real).square() + eps * eps).sqrt().mean();
  }
};

}  // namespace

void add_charbonnier(weft::Registry& registry) {
  registry.add<Charbonnier>("NAME.charbonnier");
}
)node";

constexpr std::string_view kContents = R"(#include <weft/node.h>

void add_charbonnier(weft::Registry& registry);
void add_refine(weft::Registry& registry);
void add_tint(weft::Registry& registry);
void add_trail(weft::Registry& registry);

WEFT_PLUGIN("NAME", "0.1.0", registry) {
  add_charbonnier(registry);
  add_refine(registry);
  add_tint(registry);
  add_trail(registry);
}
)";

constexpr std::string_view kTest = R"(#include <ATen/ops/full.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <weft/testing.h>

using weft::testing::error_text;
using weft::testing::NodeRunner;
using weft::testing::values;

TEST(Tint, IsTheMeanOfImageAndColourAtHalfStrength) {
  NodeRunner tint("NAME.tint");
  tint.set("strength", 0.5).set("colour", std::vector<double>{1.0, 0.0, -1.0});
  const at::Tensor tinted = tint.input("image", at::full({1, 3, 2, 2}, 0.5)).run().tensor("tinted");
  EXPECT_THAT(values(tinted.select(1, 0)), ::testing::Each(0.75F));
  EXPECT_THAT(values(tinted.select(1, 1)), ::testing::Each(0.25F));
  EXPECT_THAT(values(tinted.select(1, 2)), ::testing::Each(-0.25F));
}

TEST(Tint, RefusesAColourOfTwoNumbers) {
  EXPECT_EQ(error_text([] { NodeRunner("NAME.tint").set("colour", std::vector<double>{1.0, 0.0}); }),
            "`colour` wants 3 items, not 2");
}

TEST(Trail, MixesAFrameWithThoseBeforeIt) {
  NodeRunner trail("NAME.trail");
  trail.set("keep", 0.5).input("image", at::full({1, 3, 2, 2}, 1.0)).run();
  trail.input("image", at::full({1, 3, 2, 2}, 0.0)).run();
  EXPECT_THAT(values(trail.tensor("trail")), ::testing::Each(0.5F));
}

TEST(Charbonnier, OfADifferenceOfThreeWithEpsFourIsFive) {
  NodeRunner loss("NAME.charbonnier");
  loss.set("eps", 4.0).input("fake", at::full({1, 3, 2, 2}, 3.0)).input("real", at::full({1, 3, 2, 2}, 0.0));
  EXPECT_EQ(loss.run().tensor("value").item<float>(), 5);
}

TEST(Refine, HasTheKeysOfItsLayers) {
  NodeRunner refine("NAME.refine");
  refine.set("features", int64_t{4}).input("image", at::full({1, 3, 8, 8}, 0.5));
  std::vector<std::string> keys;
  for (const auto& [key, parameter] : refine.module().tensors()) keys.push_back(key);
  EXPECT_THAT(keys, ::testing::UnorderedElementsAre("in.weight", "in.bias", "out.weight", "out.bias"));
}
)";

constexpr std::string_view kCmake = R"(cmake_minimum_required(VERSION 3.22)
project(NAME LANGUAGES CXX)
find_package(weft REQUIRED)

weft_add_plugin(NAME SOURCES plugin.cpp charbonnier.cpp refine.cpp tint.cpp trail.cpp USES nn)
weft_add_plugin_test(NAME SOURCES tests/nodes.cpp)
)";

constexpr std::string_view kGraph = R"(format = 1
about  = "The procedural street with a tint"

[params]
strength = { default = 0.3, min = 0.0, max = 1.0, about = "weight of the colour" }
frames   = { default = 50, min = 1, about = "number of frames" }
out      = { default = "out/NAME.mp4", about = "the video" }

[node.street]
use    = "world.street"
frames = "$frames"
size   = [128, 256]

[node.tint]
use      = "NAME.tint"
in       = "street.image"
colour   = [1.0, 0.5, -0.2]
strength = "$strength"

[node.video]
use  = "media.write_video"
in   = "tint"
path = "$out"
fps  = 25.0
)";

constexpr std::string_view kTraining = R"(format = 1
about  = "Trains NAME.refine to take a tint off the street"

[run]
steps = 100

[node.street]
use    = "world.street"
frames = 50
size   = [64, 128]

[node.tint]
use = "NAME.tint"
in  = "street.image"

[node.refine]
use = "NAME.refine"
in  = "tint"

[node.loss]
use     = "NAME.charbonnier"
in.fake = "refine"
in.real = "street.image"

[weights]
refine = "random"

[update.refine]
of = ["refine"]
lr = 1e-3
[update.refine.loss]
loss = 1.0
)";

constexpr std::string_view kReadme = R"(# NAME

A plugin for weft with four nodes: `NAME.tint` computes, `NAME.trail` remembers, `NAME.refine` is a network, and
`NAME.charbonnier` a loss that trains it. Build and test it, run its graph, train its network, and try its nodes with random
inputs:

```sh
cmake -B build && cmake --build build && ctest --test-dir build --output-on-failure
WEFT_PLUGIN_PATH=build/plugins weft run graph.toml
WEFT_PLUGIN_PATH=build/plugins weft train train.toml
weft plugin check build/plugins/weft_NAME.so
```

CMake finds weft when `weft` is on the path, or with `-DCMAKE_PREFIX_PATH=FOLDER` where it was installed.

A node is a source file, a line in `plugin.cpp`, one in `CMakeLists.txt`, and a test. The page `writing-a-node.md` of
weft's documentation explains all kinds of nodes. `cmake --install build --prefix FOLDER` puts the plugin beside weft's own;
`WEFT_PLUGIN_PATH` is not needed then.
)";

std::string filled_in(std::string_view pattern, const std::string& name) {
  constexpr std::string_view kMark = "NAME";
  std::string text(pattern);
  for (size_t at = text.find(kMark); at != std::string::npos; at = text.find(kMark, at + name.size()))
    text.replace(at, kMark.size(), name);
  return text;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> plugin_template(const std::string& name) {
  return {{"CMakeLists.txt", filled_in(kCmake, name)}, {"plugin.cpp", filled_in(kContents, name)},
          {"charbonnier.cpp", filled_in(kLoss, name)}, {"refine.cpp", filled_in(kNetwork, name)},
          {"tint.cpp", filled_in(kSource, name)},      {"trail.cpp", filled_in(kMemory, name)},
          {"tests/nodes.cpp", filled_in(kTest, name)}, {"graph.toml", filled_in(kGraph, name)},
          {"train.toml", filled_in(kTraining, name)},  {"README.md", filled_in(kReadme, name)}};
}

}  // namespace weft::cli
