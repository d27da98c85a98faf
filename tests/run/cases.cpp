// Graphs as data (tests/graphs/run_cases.h). Each is run under several settings, which may not change anything; tests/train/cases.cpp runs them in chunks.
#include "framework/base/text.h"
#include "framework/run/session.h"
#include "framework/testing/node_runner.h"
#include "tests/graphs/run_cases.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

namespace weft::run {
namespace {

namespace fs = std::filesystem;
using testing::kRunCases;
using testing::read_file;
using testing::run_cases;

struct Setting {
  std::string name;
  size_t queue = 4;
  int threads = 1;
  std::vector<std::string> settings = {};
};

/// Prints the name of a setting in a failure.
std::ostream& operator<<(std::ostream& out, const Setting& setting) {
  return out << setting.name;
}

/// The lines of a text, in an order that does not depend on which sequence was written first.
std::vector<std::string> sorted_lines(const std::string& content) {
  std::vector<std::string> lines = split(content, '\n');
  std::stable_sort(lines.begin(), lines.end(), [](const std::string& a, const std::string& b) {
    return a.substr(0, a.find(':')) < b.substr(0, b.find(':'));
  });
  return lines;
}

class RunOf : public ::testing::TestWithParam<std::tuple<std::string, Setting>> {};

TEST_P(RunOf, WritesWhatTheFileSays) {
  const auto& [name, setting] = GetParam();
  const fs::path out = fs::temp_directory_path() / text("weft_run_", name, '_', setting.name, ".txt");
  fs::remove(out);
  graph::CheckOptions check;
  check.settings.push_back(graph::read_setting("out=" + out.string()));
  for (const std::string& one : setting.settings) check.settings.push_back(graph::read_setting(one));
  SessionOptions options;
  options.read_ahead = options.write_behind = setting.queue;
  Log log(Log::Level::Quiet);
  const int threads = at::get_num_threads();
  at::set_num_threads(setting.threads);
  Session(kRunCases / (name + ".toml"), check, testing::NodeRunner::built_plugins(), options, log).run();
  at::set_num_threads(threads);
  EXPECT_EQ(sorted_lines(read_file(out)), sorted_lines(read_file(kRunCases / (name + ".txt"))));
  fs::remove(out);
}

const std::vector<Setting> kSettings = {
    {"queue1", 1}, {"queue16_threads2", 16, 2}, {"batch2", 4, 1, {"run.batch=2"}}, {"batch3", 4, 1, {"run.batch=3"}}};

INSTANTIATE_TEST_SUITE_P(Runs, RunOf,
                         ::testing::Combine(::testing::ValuesIn(run_cases()), ::testing::ValuesIn(kSettings)),
                         [](const auto& info) { return std::get<0>(info.param) + '_' + std::get<1>(info.param).name; });

}  // namespace
}  // namespace weft::run
