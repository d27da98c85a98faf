// Graphs as data: tests/graphs/runs/NAME.toml writes `out` with toy.write; NAME.txt is what must stand there. Each
// is run under several settings, which may not change anything.
#include "framework/run/session.h"
#include "framework/testing/node_runner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace weft::run {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& file) {
  std::ifstream in(file);
  std::stringstream content;
  content << in.rdbuf();
  return content.str();
}

std::vector<std::string> run_cases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(fs::path(WEFT_SOURCE_DIR) / "tests/graphs/runs")) {
    if (entry.path().extension() == ".toml" && fs::exists(fs::path(entry.path()).replace_extension(".txt"))) {
      names.push_back(entry.path().stem());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

class RunOf : public ::testing::TestWithParam<std::tuple<std::string, size_t>> {};

TEST_P(RunOf, WritesWhatTheFileSays) {
  const auto& [name, queue] = GetParam();
  const fs::path folder = fs::path(WEFT_SOURCE_DIR) / "tests/graphs/runs";
  const fs::path out = fs::temp_directory_path() / ("weft_run_" + name + std::to_string(queue) + ".txt");
  graph::CheckOptions check;
  check.settings.push_back(graph::read_setting("out=" + out.string()));
  SessionOptions options;
  options.read_ahead = options.write_behind = queue;
  Log log(Log::Level::Quiet);
  Session(folder / (name + ".toml"), check, testing::NodeRunner::built_plugins(), options, log).run();
  EXPECT_EQ(read_file(out), read_file(folder / (name + ".txt")));
  fs::remove(out);
}

INSTANTIATE_TEST_SUITE_P(Runs, RunOf, ::testing::Combine(::testing::ValuesIn(run_cases()), ::testing::Values(1, 4)),
                         [](const auto& info) {
                           return std::get<0>(info.param) + "_queue" + std::to_string(std::get<1>(info.param));
                         });

}  // namespace
}  // namespace weft::run
