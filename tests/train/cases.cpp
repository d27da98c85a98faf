// The graphs of tests/run/cases.cpp in chunks, of several lengths, and resumed between two chunks: each gives the values that
// it gives tick by tick.
#include "framework/base/text.h"
#include "framework/graph/check.h"
#include "framework/run/nodes.h"
#include "framework/run/weights.h"
#include "framework/testing/node_runner.h"
#include "framework/train/chunk_runner.h"
#include "tests/graphs/run_cases.h"

#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace weft::train {
namespace {

using testing::kRunCases;
using testing::read_file;
using testing::run_cases;

/// The graphs that have the same times in chunks: `every` counts from the end of a chunk (rule 13).
std::vector<std::string> chunk_cases() {
  std::vector<std::string> names = run_cases();
  std::erase_if(names, [](const std::string& name) {
    return read_file(kRunCases / (name + ".toml")).find("every") != std::string::npos;
  });
  return names;
}

/// The values of each sequence, in order, of lines "sequence: t value" or "t value".
std::map<std::string, std::vector<float>> values_of_lines(const std::string& content) {
  std::map<std::string, std::vector<float>> values;
  for (const std::string& line : split(content, '\n')) {
    if (line.empty()) continue;
    const size_t colon = line.find(':');
    values[colon == std::string::npos ? "" : line.substr(0, colon)].push_back(
        std::stof(line.substr(line.rfind(' ') + 1)));
  }
  return values;
}

/// The stream that the node "write" of a graph reads.
std::string written_stream(const std::string& content) {
  const size_t at = content.find("in ", content.find("[node.write]"));
  const size_t begin = content.find('"', at) + 1;
  return content.substr(begin, content.find('"', begin) - begin);
}

/// Runs the sequences of a graph in chunks.
class ChunkedRun {
 public:
  ChunkedRun(const std::string& file, int64_t ticks, bool resumes) : ticks_(ticks), resumes_(resumes) {
    graph::CheckOptions options;
    const std::string wanted = written_stream(read_file(file));
    options.wanted = {wanted};
    graph::Diagnostics diagnostics;
    const graph::Checked checked = graph::check(file, options, testing::NodeRunner::built_plugins(), diagnostics);
    diagnostics.throw_errors();
    goal_ = checked.run->graph.find_goal(graph::NodeRole::Wanted, wanted);
    plan_ = std::make_unique<graph::Plan>(graph::make_plan(checked.run->typed, {goal_}, graph::Command::Run));
    learning_.learns = learning_.renews = learning_.trains = learning_.recomputes =
        std::vector<char>(plan().steps.size(), 0);
  }

  std::map<std::string, std::vector<float>> run() {
    const c10::AutoGradMode no_gradients(false);
    begin();
    std::map<std::string, std::vector<float>> values;
    for (size_t sequence = 0;; ++sequence) {
      const auto name = open(sequence);
      if (!name) return values;
      run_sequence(sequence, values[*name]);
    }
  }

 private:
  const graph::Plan& plan() const { return *plan_; }

  /// Makes nodes and runner, as another process would that goes on.
  void begin() {
    runner_.reset();
    nodes_ = std::make_unique<run::Nodes>(plan(), testing::NodeRunner::built_plugins());
    for (const run::WeightGroup& group : run::group_weights(plan(), nodes_->all())) run::load_weights(group, 1, log_);
    run::RunnerOptions options;
    if (plan().graph.run.frames) options.range.last = *plan().graph.run.frames - 1;
    sources_ = std::make_unique<run::SourceGroup>(plan(), testing::NodeRunner::built_plugins(), 1,
                                                  Context("", 1, at::kCPU, at::kFloat, log_));
    runner_ = std::make_unique<ChunkRunner>(plan(), nodes_->all(), *sources_, options, learning_, log_);
  }

  std::optional<std::string> open(size_t sequence) {
    runner_->stop_reading();
    const auto name = sources_->open(0, sequence);
    if (!name) return {};
    const std::vector<run::Row> rows = {{*name, 0, 0, nullptr, {}}};
    runner_->begin_clip(rows, 0, sources_->lengths(rows), ticks_);
    return name;
  }

  void run_sequence(size_t sequence, std::vector<float>& values) {
    for (int64_t chunk = 0; !runner_->is_over(); ++chunk) {
      if (resumes_ && chunk == 2) resume(sequence, chunk);
      runner_->decide(ticks_);
      runner_->run(ChunkRunner::Gradients::None);
      for (const Value& value : runner_->collected(goal_)) values.push_back(value.tensor().flatten()[0].item<float>());
      runner_->end();
    }
  }

  /// Goes on with what the chunks so far carried, in new nodes.
  void resume(size_t sequence, int64_t chunks) {
    Archive::Entries carried;
    for (const auto& [name, tensor] : runner_->carried()) carried[name] = tensor.defined() ? tensor.clone() : tensor;
    begin();
    ASSERT_TRUE(open(sequence));
    for (int64_t chunk = 0; chunk < chunks; ++chunk) {
      runner_->decide(ticks_);
      runner_->end();
    }
    EXPECT_EQ(runner_->differences(carried), std::vector<std::string>());
    runner_->restore(carried);
  }

  int64_t ticks_;
  bool resumes_;
  Log log_{Log::Level::Quiet};
  std::unique_ptr<graph::Plan> plan_;  ///< without the writer
  int goal_ = 0;
  Learning learning_;
  std::unique_ptr<run::Nodes> nodes_;
  std::unique_ptr<run::SourceGroup> sources_;
  std::unique_ptr<ChunkRunner> runner_;
};

class ChunksOf : public ::testing::TestWithParam<std::tuple<std::string, int, bool>> {};

TEST_P(ChunksOf, HaveTheValuesThatTheFileSays) {
  const auto& [name, ticks, resumes] = GetParam();
  const auto expected = values_of_lines(read_file(kRunCases / (name + ".txt")));
  EXPECT_EQ(ChunkedRun(kRunCases / (name + ".toml"), ticks, resumes).run(), expected);
}

INSTANTIATE_TEST_SUITE_P(Runs, ChunksOf,
                         ::testing::Combine(::testing::ValuesIn(chunk_cases()), ::testing::Values(1, 2, 3, 7),
                                            ::testing::Bool()),
                         [](const auto& info) {
                           return text(std::get<0>(info.param), "_by", std::get<1>(info.param),
                                       std::get<2>(info.param) ? "_resumed" : "");
                         });

}  // namespace
}  // namespace weft::train
