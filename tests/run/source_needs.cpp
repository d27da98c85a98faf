// Which sources are read side by side, so that their frames are paired by name.
#include "framework/run/source_needs.h"

#include "framework/base/text.h"
#include "framework/graph/check.h"
#include "framework/testing/node_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace weft::run {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::Pair;

/// Of the sources `a` and `b`, which a node `sum` adds, and a writer that reads `in`: whether each is read side by side.
std::map<std::string, bool> side_by_side(const std::string& in) {
  const fs::path file = fs::temp_directory_path() / text("weft_source_needs_", ::getpid(), ".toml");
  std::ofstream(file) << R"(format = 1
[run]
frames = 5
[node.a]
use = "toy.ramp"
frames = 5
[node.b]
use = "toy.ramp"
frames = 5
[node.sum]
use = "toy.add"
in = ["a", "b"]
[node.write]
use = "toy.write"
path = "out"
in = ")" << in << "\"\n";
  graph::Diagnostics diagnostics;
  const graph::Checked checked = graph::check(file, {}, testing::NodeRunner::built_plugins(), diagnostics);
  diagnostics.throw_errors();
  fs::remove(file);
  const std::vector<SourceNeed> needs = source_needs(*checked.run);
  std::map<std::string, bool> found;
  for (const graph::Step& step : checked.run->steps) {
    const graph::FlatNode& node = checked.run->graph.nodes[static_cast<size_t>(step.node)];
    if (node.spec->is_source) found[node.path] = needs[static_cast<size_t>(step.node)].is_side_by_side;
  }
  return found;
}

TEST(SourceNeeds, AChoiceThatLastsIsAsGoodAsNone) {
  const auto both = ElementsAre(Pair("a", true), Pair("b", true));
  EXPECT_THAT(side_by_side("sum"), both);
  EXPECT_THAT(side_by_side("sum before 1 else sum"), both);
  EXPECT_THAT(side_by_side("a before 2 else sum"), both);
  EXPECT_THAT(side_by_side("a before 2 else b before 3 else sum[t-1]"), both);
  EXPECT_THAT(side_by_side("sum[t-4] else sum"), both) << "what each alternative needs is needed";
}

TEST(SourceNeeds, ABeginningOrOneOfTwoChoicesIsNotReadAtEveryTime) {
  EXPECT_THAT(side_by_side("a before 1 else b"), ElementsAre(Pair("a", false), Pair("b", true)));
  EXPECT_THAT(side_by_side("a else b"), ElementsAre(Pair("a", false), Pair("b", false)));
  EXPECT_THAT(side_by_side("sum[t-1] else b"), ElementsAre(Pair("a", false), Pair("b", true)));
  EXPECT_THAT(side_by_side("sum[t-1] else zeros"), ElementsAre(Pair("a", false), Pair("b", false)));
}

}  // namespace
}  // namespace weft::run
