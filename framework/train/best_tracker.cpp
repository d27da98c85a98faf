#include "framework/train/best_tracker.h"

#include <cmath>

namespace weft::train {

BestTracker::BestTracker(const std::optional<graph::BestBy>& by) {
  if (!by) return;
  name_ = by->name;
  sign_ = by->is_largest ? -1 : 1;
}

void BestTracker::add(const ChunkResult& chunk) {
  const auto watched = chunk.watched.find(name_);
  if (watched == chunk.watched.end() || std::isnan(watched->second)) return;
  sum_ += watched->second;
  ++count_;
}

bool BestTracker::judge(int64_t step) {
  const double mean = count_ > 0 ? sum_ / static_cast<double>(count_) : 0;
  const bool is_best = count_ > 0 && (!best_ || sign_ * mean < sign_ * *best_);
  if (is_best) {
    best_ = mean;
    step_ = step;
  }
  sum_ = 0;
  count_ = 0;
  return is_best;
}

void BestTracker::save(std::map<std::string, double>& numbers) const {
  numbers["watched_sum"] = sum_;
  numbers["watched_count"] = static_cast<double>(count_);
  if (best_) numbers["best"] = *best_;
  if (best_ && step_) numbers["best_step"] = static_cast<double>(*step_);
}

void BestTracker::load(const std::map<std::string, double>& numbers) {
  sum_ = numbers.at("watched_sum");
  count_ = static_cast<int64_t>(numbers.at("watched_count"));
  const auto best = numbers.find("best"), step = numbers.find("best_step");
  if (best != numbers.end()) best_ = best->second;
  if (step != numbers.end()) step_ = static_cast<int64_t>(step->second);
}

}  // namespace weft::train
