#include "framework/train/gradient_watch.h"

#include "framework/base/text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

namespace weft::train {
namespace {

constexpr std::ptrdiff_t kNow = 8, kBefore = 64;  // steps
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

/// With one significant digit.
std::string rounded_text(double number) {
  const double unit = std::pow(10.0, std::floor(std::log10(number)));
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

std::optional<GradientHistory::Jump> GradientHistory::add(double norm, double total) {
  keep(norms_, norm);
  keep(totals_, total);
  if (std::ssize(norms_) < kBefore + kNow) return {};
  const double usual = median(norms_.begin(), norms_.end() - kNow);
  const double usual_total = median(totals_.begin(), totals_.end() - kNow);
  if (usual <= 0 || usual_total <= 0) return {};
  const Jump jump = {median(norms_.end() - kNow, norms_.end()) / usual,
                     median(totals_.end() - kNow, totals_.end()) / usual_total, usual};
  if (jump.gradient < kGradientJump || jump.total < kTotalJump) return {};
  return jump;
}

void GradientWatch::chunk(const ChunkResult& chunk, double, const Standing& standing) {
  for (const UpdateResult& update : chunk.updates) {
    if (!update.gradient_norm || told_.contains(update.name)) continue;
    const auto jump = histories_[update.name].add(*update.gradient_norm, update.total);
    if (!jump) continue;
    const graph::Update* described = find_update(standing.trainer.plan(), update.name);
    if (!described || described->settings.clip) continue;
    log_.warn(text("at step ", chunk.step + 1, " the gradient of [update.", update.name, "] is ",
                   rounded_text(jump->gradient), " times what it was, and its losses ", rounded_text(jump->total),
                   " times: what was learnt may be lost; `clip = ", rounded_text(jump->usual), "` in [update.",
                   update.name, "] limits such steps"));
    told_.insert(update.name);
  }
}

}  // namespace weft::train
