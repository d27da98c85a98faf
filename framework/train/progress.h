#pragma once

#include "framework/base/log.h"
#include "framework/base/status_line.h"
#include "framework/train/training_observer.h"

#include <chrono>
#include <map>
#include <string>

namespace weft::train {

/// A loss under the name by which logs and curves know it: "G/match", "G/total".
std::string curve_name(const UpdateResult& update, const std::string& what);

/// All numbers of a chunk by their curve names: losses that were present, totals, rates, norms of gradients.
std::map<std::string, double> numbers_of(const ChunkResult& chunk);

/// A line of log.jsonl for a chunk.
std::string record_of(const ChunkResult& chunk, const std::string& stage, int64_t epoch, double seconds);

/// Tells a person how training goes on.
class ProgressLine final : public TrainingObserver {
 public:
  /// @param is_shown  false: it says nothing
  ProgressLine(Log& log, bool is_shown) : status_(log), is_shown_(is_shown) {}

  void chunk(const ChunkResult& chunk, double seconds, const Standing& standing) override;
  void state(const std::string&, const Standing&) override {}
  void clear() { status_.clear(); }

 private:
  using Clock = std::chrono::steady_clock;

  StatusLine status_;
  bool is_shown_;
  std::optional<Clock::time_point> begun_;
  std::string stage_;  ///< which the next two count
  int64_t chunks_ = 0, frames_ = 0;
  std::map<std::string, double> smooth_;  ///< totals, each chunk counting a tenth
};

}  // namespace weft::train
