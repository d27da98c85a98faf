#include "plugins/estimators/body.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

namespace weft::estimators {
namespace {

constexpr int kNone = -1;

/// For each point of BODY_25 the landmark, or the two landmarks whose mean it is.
constexpr std::array<std::array<int, 2>, 25> kSources = {{
    {0, kNone},      // nose
    {11, 12},        // neck
    {12, kNone},     // right shoulder
    {14, kNone},     // right elbow
    {16, kNone},     // right wrist
    {11, kNone},     // left shoulder
    {13, kNone},     // left elbow
    {15, kNone},     // left wrist
    {23, 24},        // middle of the hips
    {24, kNone},     // right hip
    {26, kNone},     // right knee
    {28, kNone},     // right ankle
    {23, kNone},     // left hip
    {25, kNone},     // left knee
    {27, kNone},     // left ankle
    {5, kNone},      // right eye
    {2, kNone},      // left eye
    {8, kNone},      // right ear
    {7, kNone},      // left ear
    {31, kNone},     // left big toe
    {kNone, kNone},  // left small toe
    {29, kNone},     // left heel
    {32, kNone},     // right big toe
    {kNone, kNone},  // right small toe
    {30, kNone},     // right heel
}};

/// The landmark, or the mean of two.
BodyPoint point_of(const std::array<BodyPoint, kBodyPoints>& points, const std::array<int, 2>& sources) {
  if (sources[0] == kNone) return {};
  const BodyPoint first = points[static_cast<size_t>(sources[0])];
  if (sources[1] == kNone) return first;
  const BodyPoint second = points[static_cast<size_t>(sources[1])];
  return {{(first.place.x + second.place.x) / 2, (first.place.y + second.place.y) / 2},
          std::min(first.visibility, second.visibility)};
}

/// The cells from `centre` - 3 to `centre` + 3 that exist.
std::array<int64_t, 2> around(double centre, int64_t count) {
  constexpr int64_t kHalf = 3;
  const auto cell = static_cast<int64_t>(centre * static_cast<double>(count));
  return {std::max<int64_t>(0, cell - kHalf), std::min(count, cell + kHalf + 1)};
}

}  // namespace

void refine(const at::Tensor& points, const at::Tensor& heat_map) {
  constexpr double kLeastHeat = 0.5;
  const int64_t height = heat_map.size(0), width = heat_map.size(1);
  auto place = points.accessor<double, 2>();
  for (int64_t i = 0; i < points.size(0); ++i) {
    const double x = place[i][0], y = place[i][1];
    if (!(x >= 0 && x < 1 && y >= 0 && y < 1)) continue;
    const auto [left, right] = around(x, width);
    const auto [top, bottom] = around(y, height);
    const at::Tensor heat =
        heat_map.select(2, i).slice(0, top, bottom).slice(1, left, right).to(at::kDouble).sigmoid();  // [rows, columns]
    const double total = heat.sum().item<double>();
    if (heat.max().item<double>() < kLeastHeat || total <= 0) continue;
    const at::Tensor columns = at::arange(left, right, at::kDouble), rows = at::arange(top, bottom, at::kDouble);
    place[i][0] = (heat.sum(0) * columns).sum().item<double>() / total / static_cast<double>(width);
    place[i][1] = (heat.sum(1) * rows).sum().item<double>() / total / static_cast<double>(height);
  }
}

at::Tensor body_25(const std::array<BodyPoint, kBodyPoints>& points, double least, int64_t height, int64_t width) {
  at::Tensor rows = at::zeros({kPersonRows, 3}, at::kDouble);
  auto row = rows.accessor<double, 2>();
  for (size_t i = 0; i < kSources.size(); ++i) {
    const auto [place, visibility] = point_of(points, kSources[i]);
    const bool is_inside = place.x >= -0.5 && place.x < static_cast<double>(width) - 0.5 && place.y >= -0.5 &&
                           place.y < static_cast<double>(height) - 0.5;
    if (!(visibility > 0 && visibility >= least && is_inside)) continue;
    const auto at = static_cast<int64_t>(i);
    row[at][0] = place.x, row[at][1] = place.y, row[at][2] = visibility;
  }
  return rows;
}

}  // namespace weft::estimators
