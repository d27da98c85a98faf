#include "framework/train/gradient_watch.h"

#include "framework/base/text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

namespace weft::train {
namespace {

constexpr std::ptrdiff_t kNow = 8, kLeastBefore = 16, kBefore = 64;  // steps
constexpr double kGradientJump = 10, kTotalJump = 1.5;

double median(std::deque<double>::const_iterator begin, std::deque<double>::const_iterator end) {
  std::vector<double> values(begin, end);
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void keep(std::deque<double>& values, double value) {
  values.push_back(value);
  if (std::ssize(values) > kBefore + kNow) values.pop_front();
}

/// With so many significant digits, and no exponent where it is not far from 1.
std::string rounded_text(double number, int digits) {
  const double unit = std::pow(10.0, std::floor(std::log10(number)) - (digits - 1));
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%g", std::round(number / unit) * unit);
  return buffer;
}

const graph::Update* find_update(const graph::Plan& plan, const std::string& name) {
  const std::vector<graph::Update>& updates = plan.graph.updates;
  const auto found =
      std::find_if(updates.begin(), updates.end(), [&](const graph::Update& update) { return update.name == name; });
  return found == updates.end() ? nullptr : &*found;
}

}  // namespace

void GradientHistory::begin_stage() {
  norms_.clear();
  totals_.clear();
}

std::optional<GradientHistory::Jump> GradientHistory::add(double norm, double total) {
  if (std::ssize(first_) < kNow) first_.push_back(norm);
  keep(norms_, norm);
  keep(totals_, total);
  if (std::ssize(norms_) < kLeastBefore + kNow) return {};
  const double usual = median(norms_.begin(), norms_.end() - kNow);
  const double usual_total = median(totals_.begin(), totals_.end() - kNow);
  if (usual <= 0 || usual_total <= 0) return {};
  const double now = median(norms_.end() - kNow, norms_.end());
  const Jump jump = {now / usual, median(totals_.end() - kNow, totals_.end()) / usual_total, usual};
  const bool is_large = now > median(first_.begin(), first_.end());
  if (!is_large || jump.gradient < kGradientJump || jump.total < kTotalJump) return {};
  return jump;
}

void GradientWatch::chunk(const ChunkResult& chunk, double, const Standing& standing) {
  if (stage_ != standing.stage) {
    stage_ = standing.stage;
    for (auto& [name, update] : updates_) update.history.begin_stage();
  }
  for (const UpdateResult& update : chunk.updates) {
    const graph::Update* described = find_update(standing.trainer.plan(), update.name);
    if (!update.gradient_norm || !described || described->settings.clip) continue;
    Watched& watched = updates_[update.name];
    // Before it has all chunks of a step, the gradient is a part of it.
    if (watched.is_told || ++watched.chunks % described->settings.accumulate != 0) continue;
    const auto jump = watched.history.add(*update.gradient_norm, update.total);
    if (!jump) continue;
    log_.warn(text("at step ", chunk.step + 1, " the gradient of [update.", update.name, "] is ",
                   rounded_text(jump->gradient, 2), " times what it was, and its losses ", rounded_text(jump->total, 2),
                   " times: what was learnt may be lost; `clip = ", rounded_text(jump->usual, 1), "` in [update.",
                   update.name, "] limits such steps"));
    watched.is_told = true;
  }
}

}  // namespace weft::train
