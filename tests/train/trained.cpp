#include "tests/train/trained.h"

#include "framework/testing/node_runner.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <limits>

namespace weft::train {
namespace {

/// A file with the graph, of its own for each test.
std::string written(const std::string& content) {
  static std::atomic<int> next = 0;
  const auto file =
      std::filesystem::temp_directory_path() / text("weft_train_", ::getpid(), '_', next.fetch_add(1), ".toml");
  std::ofstream(file) << "format = 1\n" << content;
  return file;
}

}  // namespace

std::vector<graph::Stage> stages_of(const std::string& content, const std::vector<std::string>& settings) {
  graph::CheckOptions options;
  for (const std::string& setting : settings) options.settings.push_back(graph::read_setting(setting));
  graph::Diagnostics diagnostics;
  const std::string file = written(content);
  graph::Checked checked = graph::check(file, options, testing::NodeRunner::built_plugins(), diagnostics);
  std::filesystem::remove(file);
  diagnostics.throw_errors();
  return std::move(checked.stages);
}

graph::Plan plan_of(const std::string& content, const std::vector<std::string>& settings) {
  return std::move(stages_of(content, settings).front().plan);
}

Trained::Trained(const std::string& content, const std::vector<std::string>& settings)
    : trainer_(std::make_unique<Trainer>(plan_of(content, settings), testing::NodeRunner::built_plugins(),
                                         TrainerOptions{}, log_)) {}

std::vector<ChunkResult> Trained::epoch(int64_t number) {
  Position position = trainer_->position();
  position.epoch = number;
  trainer_->begin_epoch(position);
  std::vector<ChunkResult> chunks;
  while (auto chunk = trainer_->next({number, number + 1, trainer_->position().step, 0})) chunks.push_back(*chunk);
  return chunks;
}

double Trained::number(const std::string& name) const {
  return trainer_->save().at("network/" + name).item<double>();
}

double loss_of(const ChunkResult& chunk, const std::string& update, const std::string& loss) {
  for (const UpdateResult& one : chunk.updates) {
    for (const UpdateResult::Loss& term : one.losses) {
      if (one.name == update && term.name == loss && term.value) return *term.value;
    }
  }
  return std::numeric_limits<double>::quiet_NaN();
}

}  // namespace weft::train
