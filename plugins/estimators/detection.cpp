#include "plugins/estimators/detection.h"

#include <algorithm>
#include <cmath>

namespace weft::estimators {
namespace {

double area(const Detection& box) {
  return std::max(0.0, box.most.x - box.least.x) * std::max(0.0, box.most.y - box.least.y);
}

/// Intersection over union.
double overlap_of(const Detection& a, const Detection& b) {
  const double width = std::min(a.most.x, b.most.x) - std::max(a.least.x, b.least.x);
  const double height = std::min(a.most.y, b.most.y) - std::max(a.least.y, b.least.y);
  if (width <= 0 || height <= 0) return 0;
  return width * height / (area(a) + area(b) - width * height);
}

void add(Point& sum, Point point, double weight) {
  sum.x += weight * point.x;
  sum.y += weight * point.y;
}

/// The mean, weighted by the scores.
Detection mean_of(const std::vector<Detection>& detections) {
  Detection mean;
  mean.score = detections.front().score;
  mean.points.resize(detections.front().points.size());
  double total = 0;
  for (const Detection& detection : detections) total += detection.score;
  for (const Detection& detection : detections) {
    const double weight = detection.score / total;
    add(mean.least, detection.least, weight);
    add(mean.most, detection.most, weight);
    for (size_t i = 0; i < mean.points.size(); ++i) add(mean.points[i], detection.points[i], weight);
  }
  return mean;
}

/// @param values  of one anchor
Detection decode_one(const float* values, int64_t points, Point anchor, double size) {
  const auto near = [&](const float* pair) { return Point{pair[0] / size + anchor.x, pair[1] / size + anchor.y}; };
  const Point centre = near(values);
  const double half_width = values[2] / size / 2, half_height = values[3] / size / 2;
  Detection found;
  found.least = {centre.x - half_width, centre.y - half_height};
  found.most = {centre.x + half_width, centre.y + half_height};
  for (int64_t i = 0; i < points; ++i) found.points.push_back(near(values + 4 + 2 * i));
  return found;
}

}  // namespace

std::vector<Point> anchors(int64_t size, const std::vector<Cells>& maps) {
  std::vector<Point> centres;
  for (const auto& [stride, per_cell] : maps) {
    const int64_t count = (size + stride - 1) / stride;
    for (int64_t i = 0; i < count * count; ++i) {
      const Point centre = {(static_cast<double>(i % count) + 0.5) / static_cast<double>(count),
                            (static_cast<double>(i / count) + 0.5) / static_cast<double>(count)};
      centres.insert(centres.end(), static_cast<size_t>(per_cell), centre);
    }
  }
  return centres;
}

std::vector<Detection> decode(const at::Tensor& boxes, const at::Tensor& scores, const std::vector<Point>& anchors,
                              int64_t size, double least_score) {
  constexpr double kFarthest = 100;  // beyond it the sigmoid is 0 or 1
  const at::Tensor plain = boxes.contiguous();
  const at::Tensor plain_scores = scores.contiguous();
  const float* value = plain.const_data_ptr<float>();
  const float* score = plain_scores.const_data_ptr<float>();
  const int64_t width = plain.size(-1);
  std::vector<Detection> found;
  for (size_t i = 0; i < anchors.size(); ++i) {
    const double probability = 1 / (1 + std::exp(-std::clamp(static_cast<double>(score[i]), -kFarthest, kFarthest)));
    if (!(probability >= least_score)) continue;
    found.push_back(
        decode_one(value + static_cast<int64_t>(i) * width, (width - 4) / 2, anchors[i], static_cast<double>(size)));
    found.back().score = probability;
  }
  return found;
}

std::vector<Detection> suppress(std::vector<Detection> detections, double most_overlap) {
  std::stable_sort(detections.begin(), detections.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });
  std::vector<Detection> kept;
  while (!detections.empty()) {
    const Detection best = detections.front();
    std::vector<Detection> same = {best}, rest;
    for (size_t i = 1; i < detections.size(); ++i)
      (overlap_of(best, detections[i]) > most_overlap ? same : rest).push_back(detections[i]);
    kept.push_back(mean_of(same));
    detections = std::move(rest);
  }
  return kept;
}

}  // namespace weft::estimators
