// Graphs as data. tests/graphs/errors: what the check says of a wrong graph, word for word. tests/graphs/times: at
// which t each node runs, as comments of the form `#: node = 2 .. end`.
#include "framework/base/text.h"
#include "framework/graph/check.h"
#include "framework/testing/node_runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace weft::graph {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& file) {
  std::ifstream in(file);
  std::stringstream content;
  content << in.rdbuf();
  return content.str();
}

std::vector<std::string> cases_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(fs::path(WEFT_SOURCE_DIR) / "tests/graphs" / folder)) {
    if (entry.path().extension() == ".toml") names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string name_of(const ::testing::TestParamInfo<std::string>& one) {
  return one.param;
}

class WrongGraph : public ::testing::TestWithParam<std::string> {};

TEST_P(WrongGraph, IsReportedWordForWord) {
  const fs::path folder = fs::path(WEFT_SOURCE_DIR) / "tests/graphs/errors";
  fs::current_path(folder);  // so that places are short
  Diagnostics diagnostics;
  graph::check(GetParam() + ".toml", {}, weft::testing::NodeRunner::built_plugins(), diagnostics);
  std::string report;
  for (const Diagnostic& one : diagnostics.all()) report += one.text() + '\n';
  EXPECT_EQ(report, read_file(folder / (GetParam() + ".txt")));
  for (const Diagnostic& one : diagnostics.all())
    EXPECT_NE(explain(one.code), nullptr) << one.code << " is not explained";
}

INSTANTIATE_TEST_SUITE_P(Errors, WrongGraph, ::testing::ValuesIn(cases_in("errors")), name_of);

class TimesOf : public ::testing::TestWithParam<std::string> {};

TEST_P(TimesOf, NodesAreAsTheFileSays) {
  const fs::path file = fs::path(WEFT_SOURCE_DIR) / "tests/graphs/times" / (GetParam() + ".toml");
  Diagnostics diagnostics;
  const Checked checked = graph::check(file, {}, weft::testing::NodeRunner::built_plugins(), diagnostics);
  for (const Diagnostic& one : diagnostics.all()) EXPECT_FALSE(one.is_error()) << one.text();
  const Plan& plan = checked.run ? *checked.run : checked.train.value();
  std::map<std::string, std::string> found;
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const std::string& path = plan.graph.nodes[static_cast<size_t>(plan.steps[i].node)].path;
    found[path] = plan.steps[i].is_still ? "once" : plan.times_text(static_cast<int>(i));
  }
  int expectations = 0;
  for (const std::string& line : split(read_file(file), '\n')) {
    if (!line.starts_with("#: ")) continue;
    const size_t equals = line.find(" = ");
    const std::string node = line.substr(3, equals - 3), wanted = line.substr(equals + 3);
    EXPECT_EQ(found.contains(node) ? found[node] : "left out", wanted) << node;
    ++expectations;
  }
  EXPECT_GT(expectations, 0) << "the file expects nothing";
}

INSTANTIATE_TEST_SUITE_P(Times, TimesOf, ::testing::ValuesIn(cases_in("times")), name_of);

}  // namespace
}  // namespace weft::graph
