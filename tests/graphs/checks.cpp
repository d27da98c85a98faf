// Every graph that weft ships passes its own check, and those of tests/gpu; a part also with each of its optional inputs wired,
// and all of them.
#include "framework/graph/check.h"
#include "framework/graph/graph_file.h"
#include "framework/testing/node_runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

namespace weft::graph {
namespace {

namespace fs = std::filesystem;

const fs::path kGraphs = fs::path(WEFT_SOURCE_DIR) / "graphs";

/// Files that only change others, and have no `base`.
bool only_changes(const fs::path& file) {
  return file.parent_path().filename() == "changes";
}

std::vector<std::string> all_graphs() {
  std::vector<std::string> files;
  for (const fs::path& folder : {kGraphs, fs::path(WEFT_SOURCE_DIR) / "tests/gpu"}) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.path().extension() == ".toml" && !only_changes(entry.path()))
        files.push_back(fs::relative(entry.path(), kGraphs));
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// What the check says, a line each; empty when it has nothing to say.
std::string faults_of(const std::string& file, const std::vector<std::string>& wired) {
  CheckOptions options;
  options.pushed = wired;
  const bool has_coarser_scale =
      std::any_of(wired.begin(), wired.end(), [](const std::string& name) { return name.starts_with("up_"); });
  if (has_coarser_scale) options.settings.push_back(read_setting("scale=1"));
  Diagnostics diagnostics;
  check(kGraphs / file, options, testing::NodeRunner::built_plugins(), diagnostics);
  std::string faults;
  for (const Diagnostic& fault : diagnostics.all()) faults += fault.text() + '\n';
  return faults;
}

/// The optional inputs of a part.
std::vector<std::string> optional_inputs(const std::string& file) {
  Diagnostics diagnostics;
  const Checked checked = check(kGraphs / file, {}, testing::NodeRunner::built_plugins(), diagnostics);
  std::vector<std::string> names;
  for (const FlatStream& stream : checked.graph().streams) {
    const bool is_own = stream.role == FlatStream::Role::Input && stream.instance == 0;
    if (is_own && stream.declared->arity == PortSpec::Arity::Optional) names.push_back(stream.path);
  }
  return names;
}

class ShippedGraph : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    for (const char* type : {"face.draw", "flow.dis", "media.write_video", "pose.draw"}) {
      if (!testing::NodeRunner::built_plugins().find(type)) GTEST_SKIP() << "this build has no " << type;
    }
  }
};

TEST_P(ShippedGraph, PassesTheCheck) {
  EXPECT_EQ(faults_of(GetParam(), {}), "");
}

TEST_P(ShippedGraph, PassesTheCheckWithItsOptionalInputs) {
  ASSERT_EQ(faults_of(GetParam(), {}), "");
  const std::vector<std::string> names = optional_inputs(GetParam());
  for (const std::string& name : names) EXPECT_EQ(faults_of(GetParam(), {name}), "") << "with " << name;
  EXPECT_EQ(faults_of(GetParam(), names), "");
}

INSTANTIATE_TEST_SUITE_P(Graphs, ShippedGraph, ::testing::ValuesIn(all_graphs()), [](const auto& info) {
  std::string name = fs::path(info.param).replace_extension("");
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
  return name;
});

}  // namespace
}  // namespace weft::graph
