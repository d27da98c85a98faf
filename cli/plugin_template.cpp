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

constexpr std::string_view kContents = R"(#include <weft/node.h>

void add_tint(weft::Registry& registry);

WEFT_PLUGIN("NAME", "0.1.0", registry) {
  add_tint(registry);
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
)";

constexpr std::string_view kCmake = R"(cmake_minimum_required(VERSION 3.22)
project(NAME LANGUAGES CXX)
find_package(weft REQUIRED)

weft_add_plugin(NAME SOURCES plugin.cpp tint.cpp)
weft_add_plugin_test(NAME SOURCES tests/tint.cpp)
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

constexpr std::string_view kReadme = R"(# NAME

A plugin for weft with one node, `NAME.tint`. Build and test it, run its graph, and try its nodes with random inputs:

```sh
cmake -B build && cmake --build build && ctest --test-dir build --output-on-failure
WEFT_PLUGIN_PATH=build/plugins weft run graph.toml
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
          {"tint.cpp", filled_in(kSource, name)},      {"tests/tint.cpp", filled_in(kTest, name)},
          {"graph.toml", filled_in(kGraph, name)},     {"README.md", filled_in(kReadme, name)}};
}

}  // namespace weft::cli
