#include "framework/graph/overlay.h"

#include <gtest/gtest.h>

namespace weft::graph {
namespace {

TEST(Setting, ANameIsAParameterOfTheGraph) {
  const Overlay overlay = read_setting("size=[256, 512]");
  ASSERT_EQ(overlay.params.size(), 1U);
  EXPECT_EQ(overlay.params.front().key, "size");
  EXPECT_EQ(overlay.params.front().value.toml(), "[256, 512]");
}

TEST(Setting, ALongerPathIsThatOfANodeUnlessItBeginsWithASection) {
  const Overlay node = read_setting("F.coarse.blocks=4");
  ASSERT_EQ(node.nodes.size(), 1U);
  EXPECT_EQ(node.nodes.front().pattern, "F");
  EXPECT_EQ(node.nodes.front().table.toml(), "{ coarse = { blocks = 4 } }");
  const Overlay quoted = read_setting("node.\"F.**.blend\".plus=1.5");
  EXPECT_EQ(quoted.nodes.front().pattern, "F.**.blend");
  const Overlay run = read_setting("run.seed=3");
  EXPECT_EQ(run.root.toml(), "{ run = { seed = 3 } }");
}

TEST(Setting, WhatIsNoTomlValueIsAText) {
  EXPECT_EQ(read_setting("out=out/a b.mp4").params.front().value.text, "out/a b.mp4");
  EXPECT_TRUE(read_setting("out=out/a.mp4").params.front().value.is_text());
  EXPECT_TRUE(read_setting("n=12").params.front().value.is(Item::Type::Integer));
}

TEST(Setting, RefusesWhatHasNoNameOrNoKey) {
  const auto fault_of = [](const std::string& setting) {
    try {
      read_setting(setting);
      return std::string("accepted");
    } catch (const Error& error) {
      EXPECT_EQ(error.exit(), Exit::Usage);
      return std::string(error.message());
    }
  };
  EXPECT_EQ(fault_of("size"), "--set size: write --set name=value");
  EXPECT_EQ(fault_of("=3"), "--set =3: write --set name=value");
  EXPECT_EQ(fault_of("a..b=3"), "--set a..b=3: the path has an empty part");
  EXPECT_EQ(fault_of("node.F=3"), "--set node.F=3: which key of the node?");
}

}  // namespace
}  // namespace weft::graph
