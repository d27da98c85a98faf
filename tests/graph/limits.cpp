// Graphs that are far too large: one error that names the limit, and no long wait. They are generated, since as files
// they would be megabytes.
#include "framework/base/text.h"
#include "framework/graph/check.h"
#include "framework/testing/node_runner.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace weft::graph {
namespace {

namespace fs = std::filesystem;

const std::string kWriter = "[node.w]\nuse = \"toy.write\"\nin = \"s\"\npath = \"out.txt\"\n";
const std::string kSource = "[node.s]\nuse = \"toy.counter\"\nframes = 3\n";

class LargeGraph : public ::testing::Test {
 protected:
  LargeGraph() {
    fs::create_directories(folder_);
    fs::current_path(folder_);  // so that places are short
  }
  ~LargeGraph() override {
    fs::current_path(fs::temp_directory_path());
    fs::remove_all(folder_);
  }

  static void write(const std::string& name, const std::string& content) {
    std::ofstream(name) << "format = 1\n" << content;
  }
  /// All that the check says, a line each.
  static std::string faults_of(const std::string& name) {
    Diagnostics diagnostics;
    check(name, {}, testing::NodeRunner::built_plugins(), diagnostics);
    return join(diagnostics.lines(Diagnostics::Which::All), "\n");
  }

 private:
  const fs::path folder_ = fs::path(::testing::TempDir()) / "weft_large_graphs";
};

TEST_F(LargeGraph, OfTwentyThousandVariantsIsRefused) {
  std::string graph = kSource + kWriter;
  for (int i = 0; i < 20'000; ++i) graph += text("[variant.v", i, "]\nset.node.s.frames = 4\n");
  write("g.toml", graph);
  EXPECT_EQ(faults_of("g.toml"),
            "g.toml:1:1: error E110: the file has 20000 stages, variants and grid points, more than 1000");
}

TEST_F(LargeGraph, OfAHundredThousandGridPointsIsRefused) {
  std::string graph = kSource + kWriter + "[grid]\n\"s.frames\" = [";
  for (int i = 0; i < 100'000; ++i) graph += text(i, ',');
  write("g.toml", graph + "]\n");
  EXPECT_EQ(faults_of("g.toml"),
            "g.toml:1:1: error E110: the file has 100000 stages, variants and grid points, more than 1000");
}

TEST_F(LargeGraph, OfManyVariantsOfManyNodesIsRefused) {
  std::string graph = kSource + kWriter + "[node]\n";
  for (int i = 0; i < 998; ++i) graph += text("n", i, "={use=\"toy.add\",in=\"s\"}\n");
  for (int i = 0; i < 401; ++i) graph += text("[variant.v", i, "]\nset.node.s.frames = 4\n");
  write("g.toml", graph);
  const std::string faults = faults_of("g.toml");
  EXPECT_EQ(faults.substr(0, faults.find('\n')),
            "g.toml:1:1: error E110: the file has 401 stages, variants and grid points of 1000 nodes, more than 400000 "
            "nodes in all");
}

TEST_F(LargeGraph, OfSixtyThousandNodesIsRefusedAtTheFirstTooMany) {
  // The graph itself, s, w and 3,997 more: n3997 stands on line 10 + 3997.
  std::string graph = kSource + kWriter + "[node]\n";
  for (int i = 0; i < 60'000; ++i) graph += text("n", i, "={use=\"toy.add\",in=\"s\"}\n");
  write("g.toml", graph);
  EXPECT_EQ(faults_of("g.toml"),
            "g.toml:4007:1: error E110: the graph has more than 4000 nodes, streams and uses of graph files\n    uses "
            "multiply: look for a file that uses another many times, which uses a third many times");
}

TEST_F(LargeGraph, OfThousandBasesIsRefused) {
  for (int i = 0; i < 1000; ++i) std::ofstream(text(i, ".toml")) << "base = \"" << i + 1 << ".toml\"\n";
  write("1000.toml", kSource + kWriter);
  EXPECT_EQ(faults_of("0.toml"),
            "32.toml:1:1: error E104: more than 32 files are based on each other: 0.toml -> 1.toml -> …");
}

TEST_F(LargeGraph, OfThousandFilesThatUseEachOtherIsRefused) {
  const std::string ports = "[inputs]\nx = \"image[B,3,H,W]\"\n[outputs]\ny = \"inner\"\n";
  for (int i = 0; i < 1000; ++i)
    write(text(i, ".toml"), text(ports, "[node.inner]\nuse = \"./", i + 1, ".toml\"\nin = \"x\"\n"));
  write("1000.toml", ports + "[node.inner]\nuse = \"toy.add\"\nin = \"x\"\n");
  const std::string faults = faults_of("0.toml");
  EXPECT_EQ(faults.substr(0, faults.find("  (")),
            "32.toml:7:7: error E104: more than 32 files use each other: 0.toml -> 1.toml -> …");
}

TEST_F(LargeGraph, OfTwoThousandOutputsIsRefused) {
  std::string graph = kSource + kWriter + "[outputs]\n";
  for (int i = 0; i < 2000; ++i) graph += text("y", i, " = \"s\"\n");
  write("g.toml", graph);
  EXPECT_EQ(faults_of("g.toml"), "g.toml:9:1: error E110: [outputs] has more than 1000 rows");
}

TEST_F(LargeGraph, OfTwoThousandUpdatesIsRefused) {
  std::string graph = kSource + kWriter;
  for (int i = 0; i < 2000; ++i) graph += text("[update.u", i, "]\n");
  write("g.toml", graph);
  EXPECT_EQ(faults_of("g.toml"), "g.toml:9:1: error E110: [update] has more than 1000 tables and losses");
}

TEST_F(LargeGraph, WhoseUpdatesNameThousandsOfNetworksIsRefused) {
  std::string graph = kSource + kWriter +
                      "[node.N]\nuse = \"toy.network\"\nin = \"s\"\n[weights]\nN = \"fill\"\n"
                      "[node.l]\nuse = \"toy.distance\"\nin.a = \"N\"\nin.b = \"s\"\n";
  for (const char* update : {"A", "B"}) {
    graph += text("[update.", update, "]\nof = [");
    for (int i = 0; i < 600; ++i) graph += "\"N\",";
    graph += text("]\n[update.", update, ".loss]\nl = 1\n");
  }
  write("g.toml", graph);
  EXPECT_EQ(faults_of("g.toml"),
            "g.toml:23:6: error E110: [update.B]: `of`, with those of the updates above, has more than 1000 items");
}

}  // namespace
}  // namespace weft::graph
