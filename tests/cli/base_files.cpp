// `base` with a list of files: each changes those before it.
#include "tests/cli/program.h"

#include <gmock/gmock.h>

namespace weft::testing {
namespace {

using ::testing::HasSubstr;

/// A graph that counts to three, a file that makes it five, and one that adds a node.
class BaseFiles : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    write_graph("count.toml", R"([params]
frames = 3
[node.s]
use = "toy.counter"
frames = "$frames"
[node.w]
use = "toy.write"
in = "s"
path = "out.txt"
)");
    write_graph("five.toml", "set.params.frames = 5\n");
    write_graph("sum.toml", "[node.sum]\nuse = \"toy.add\"\nin = [\"s\", \"s\"]\n[node.w]\nin = \"sum\"\n");
  }

  /// What a graph writes; it must run.
  std::string output_of(const std::string& graph) const {
    EXPECT_EQ(weft({"run", graph, "--force"}).exit, 0) << graph;
    return read("out.txt");
  }
};

TEST_F(BaseFiles, EachChangesThoseBeforeIt) {
  write_graph("both.toml", R"(base = ["count.toml", "five.toml", "sum.toml"])");
  const std::string five = output_of("both.toml");
  write_graph("again.toml", "base = [\"count.toml\", \"five.toml\", \"sum.toml\"]\n[params]\nframes = 2\n");
  const std::string two = output_of("again.toml");
  EXPECT_EQ(five.substr(0, two.size()), two);
  EXPECT_EQ(5 * two.size(), 2 * five.size());
  EXPECT_THAT(weft({"plan", "both.toml"}).out, HasSubstr("sum"));
}

TEST_F(BaseFiles, WhatAFileSaysOfANodeCountsAfterASwapBelowIt) {
  write_graph("swapped.toml", "base = \"count.toml\"\nswap.s = { use = \"toy.counter\", frames = 4 }\n");
  write_graph("longer.toml", "base = \"swapped.toml\"\n[node.s]\nframes = 6\n");
  EXPECT_GT(output_of("longer.toml").size(), output_of("swapped.toml").size());
}

TEST_F(BaseFiles, OfTwoSwapsThatOfTheOuterFileCounts) {
  write_graph("inner.toml", "base = \"count.toml\"\nswap.s = { use = \"toy.counter\", frames = 4 }\n");
  write_graph("outer.toml", "base = \"inner.toml\"\nswap.s = { use = \"toy.counter\", frames = 6 }\n");
  EXPECT_GT(output_of("outer.toml").size(), output_of("inner.toml").size());
}

/// Of changes of one node, by name or by a pattern, the last file's counts.
TEST_F(BaseFiles, TheOuterFileHasTheLastWord) {
  const std::vector<std::string> forms = {"[node.s]\nframes = ", "[node.\"s*\"]\nframes = ", "[set.node.s]\nframes = ",
                                          "[set.node.\"s*\"]\nframes = ", "[swap.s]\nuse = \"toy.counter\"\nframes = "};
  for (const std::string& inner : forms) {
    for (const std::string& outer : forms) {
      SCOPED_TRACE(inner + " below " + outer);
      write_graph("inner.toml", inner + "4\n");
      write_graph("outer.toml", outer + "6\n");
      write_graph("list.toml", "base = [\"count.toml\", \"inner.toml\", \"outer.toml\"]\n");
      EXPECT_THAT(weft({"check", "list.toml", "--show"}).out, HasSubstr("frames = 6"));
    }
  }
}

TEST_F(BaseFiles, AWholeNodeComesBackAfterItWasRemoved) {
  write_graph("removed.toml", "base = \"count.toml\"\nwithout = [\"w\"]\n");
  write_graph("back.toml", "base = \"removed.toml\"\n[node.w]\nuse = \"toy.write\"\nin = \"s\"\npath = \"back.txt\"\n");
  EXPECT_EQ(weft({"run", "removed.toml"}).exit, 3) << "nothing writes";
  EXPECT_EQ(weft({"run", "back.toml"}).exit, 0);
  EXPECT_TRUE(has("back.txt"));
  EXPECT_FALSE(has("out.txt"));
}

TEST_F(BaseFiles, AVariantHasThemToo) {
  write_graph("variants.toml", R"(base = "count.toml"
[variant.plain]
[variant.both]
base = ["count.toml", "five.toml", "sum.toml"]
[variant.five]
base = ["count.toml", "five.toml"]
)");
  EXPECT_EQ(weft({"check", "variants.toml"}).exit, 0);
  EXPECT_THAT(weft({"plan", "variants.toml", "--variant", "both"}).out, HasSubstr("sum"));
  EXPECT_THAT(weft({"plan", "variants.toml", "--variant", "five"}).out, ::testing::Not(HasSubstr("sum")));
}

TEST_F(BaseFiles, ASettingThatNothingReadsIsTold) {
  write_graph(
      "other.toml",
      "base = \"count.toml\"\nwithout = [\"s\"]\n[node.n]\nuse = \"toy.counter\"\nframes = 2\n[node.w]\nin = \"n\"\n");
  const Outcome outcome = weft({"run", "other.toml", "--set", "frames=9"});
  EXPECT_EQ(outcome.exit, 0);
  EXPECT_THAT(outcome.err, HasSubstr("warning W303: --set frames=9: nothing reads the parameter `frames`"));
  EXPECT_THAT(weft({"check", "count.toml", "--set", "frames=9"}).err, ::testing::Not(HasSubstr("W303")));
}

TEST_F(BaseFiles, AChangeWithoutABaseIsRefused) {
  write_graph("lost.toml", "without = [\"s\"]\n[node.s]\nuse = \"toy.counter\"\nframes = 2\n");
  expect_error(
      weft({"run", "lost.toml"}), 3,
      "lost.toml:2:11: error E701: `without` changes another file, and this one has no `base`\n    write base = "
      "\"FILE.toml\", or use this file after the one that it changes: base = [\"FILE.toml\", \"THIS.toml\"]");
}

TEST_F(BaseFiles, WhatIsNoListOfFilesIsNamed) {
  const auto fault_of = [&](const std::string& base) {
    write_graph("bad.toml", "base = " + base + '\n');
    const Outcome outcome = weft({"check", "bad.toml"});
    EXPECT_EQ(outcome.exit, 3);
    return outcome.out + outcome.err;
  };
  EXPECT_THAT(fault_of("[\"count.toml\"" + repeated(", \"five.toml\"", 40) + "]"),
              HasSubstr("error E110: `base` has 41 files, more than 32"));
  const std::string kMust = "error E106: `base` must be the path of a graph file, or a list of paths, not ";
  EXPECT_THAT(fault_of("[]"), HasSubstr("bad.toml:2:8: " + kMust));
  EXPECT_THAT(fault_of("[\"count.toml\", 1]"), HasSubstr("bad.toml:2:8: " + kMust));
  EXPECT_THAT(fault_of("3"), HasSubstr("bad.toml:2:8: " + kMust));
  EXPECT_THAT(fault_of("[\"count.toml\", \"nowhere.toml\"]"),
              HasSubstr("bad.toml:2:23: error E102: `base` = \"nowhere.toml\": there is no such file"));
  EXPECT_THAT(fault_of("[\"bad.toml\", \"five.toml\"]"), HasSubstr("error E104: files are based on each other: "));
  write_graph("based.toml", "base = \"count.toml\"\n");
  EXPECT_THAT(
      fault_of("[\"count.toml\", \"based.toml\"]"),
      HasSubstr("based.toml:2:8: error E104: based.toml changes the files before it in a list; such a file cannot have "
                "a `base` of its own"));
  write_graph("faulty.toml", "swap.nothing = { use = \"toy.counter\" }\n");
  EXPECT_THAT(fault_of("[\"count.toml\", \"faulty.toml\"]"), HasSubstr("faulty.toml:2:"));
}

}  // namespace
}  // namespace weft::testing
