#include "plugins/face/proportions.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

namespace weft::face {
namespace {

constexpr size_t kChin = 8;
constexpr double kLeast = 1e-3;  // pixels, so that nothing is divided by 0

/// Jaw; brows; nose; eyes; mouth; inside of the mouth; forehead.
const std::vector<std::vector<size_t>>& mirror_groups() {
  static const std::vector<std::vector<size_t>> groups = {
      {0, 16},  {1, 15},  {2, 14},  {3, 13},  {4, 12},  {5, 11},  {6, 10},      {7, 9, 8},  //
      {17, 26}, {18, 25}, {19, 24}, {20, 23}, {21, 22},                                     //
      {27},     {28},     {29},     {30},     {31, 35}, {32, 34}, {33},                     //
      {36, 45}, {37, 44}, {38, 43}, {39, 42}, {40, 47}, {41, 46},                           //
      {48, 54}, {49, 53}, {50, 52}, {51},     {55, 59}, {56, 58}, {57},                     //
      {60, 64}, {61, 63}, {62},     {65, 67}, {66},                                         //
      {68, 82}, {69, 81}, {70, 80}, {71, 79}, {72, 78}, {73, 77}, {74, 76, 75},
  };
  return groups;
}

vision::Point middle_of(const Landmarks& face, const std::vector<size_t>& group) {
  vision::Point sum;
  for (const size_t point : group) sum = {sum.x + face.at(point).x, sum.y + face.at(point).y};
  const auto count = static_cast<double>(group.size());
  return {sum.x / count, sum.y / count};
}

double distance_between(vision::Point a, vision::Point b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

double width_of(const Landmarks& face) {
  const auto is_left = [](vision::Point a, vision::Point b) { return a.x < b.x; };
  const auto [left, right] = std::minmax_element(face.begin(), face.end(), is_left);
  return right->x - left->x;
}

Proportion measure(const std::vector<Landmarks>& faces, const std::vector<size_t>& group) {
  double spread = 0, distance = 0, count = 0;
  for (const Landmarks& face : faces) {
    if (face.empty()) continue;
    const vision::Point middle = middle_of(face, group);
    for (const size_t point : group) spread += distance_between(face.at(point), middle);
    distance += static_cast<double>(group.size()) * distance_between(middle, face.at(kChin));
    count += static_cast<double>(group.size());
  }
  return {spread / count + kLeast, distance / count + kLeast};
}

}  // namespace

Proportions proportions_of(const std::vector<Landmarks>& faces) {
  Proportions proportions;
  const auto first = std::find_if(faces.begin(), faces.end(), [](const Landmarks& face) { return !face.empty(); });
  if (first == faces.end()) return proportions;
  proportions.width = width_of(*first);
  for (const auto& group : mirror_groups()) proportions.groups.push_back(measure(faces, group));
  return proportions;
}

Landmarks with_proportions(Landmarks face, const Proportions& of, const Proportions& reference, double size) {
  if (face.empty() || of.groups.empty() || reference.groups.empty()) return face;
  const vision::Point chin = face.at(kChin);
  for (size_t i = 0; i < mirror_groups().size(); ++i) {
    const std::vector<size_t>& group = mirror_groups()[i];
    const double spread = reference.groups.at(i).spread / of.groups.at(i).spread / size;
    const double distance = reference.groups.at(i).distance / of.groups.at(i).distance / size;
    const vision::Point middle = middle_of(face, group);
    for (const size_t point : group) {
      vision::Point& moved = face[point];
      moved = {(moved.x - middle.x) * spread + (middle.x - chin.x) * distance + chin.x,
               (moved.y - middle.y) * spread + (middle.y - chin.y) * distance + chin.y};
    }
  }
  return face;
}

at::Tensor keypoints_of(const Proportions& proportions) {
  const size_t groups = mirror_groups().size();
  at::Tensor rows = at::zeros({1, static_cast<int64_t>(groups) + 1, 3}, at::kDouble);
  if (proportions.groups.empty()) return rows;
  double* number = rows.mutable_data_ptr<double>();
  for (const Proportion& group : proportions.groups) {
    *number++ = group.spread;
    *number++ = group.distance;
    *number++ = 1;
  }
  *number++ = proportions.width;
  *++number = 1;
  return rows;
}

Proportions proportions_from(const at::Tensor& rows) {
  const size_t groups = mirror_groups().size();
  if (rows.size(0) != static_cast<int64_t>(groups) + 1) {
    throw Error(Exit::Graph, text("proportions of a face have ", groups + 1, " rows, but these have ", rows.size(0)))
        .hint("face.proportions gives them");
  }
  const at::Tensor plain = rows.to(at::kCPU, at::kDouble).contiguous();
  const double* number = plain.const_data_ptr<double>();
  Proportions proportions;
  if (number[2] == 0) return proportions;
  for (size_t i = 0; i < groups; ++i, number += 3) proportions.groups.push_back({number[0], number[1]});
  proportions.width = number[0];
  return proportions;
}

}  // namespace weft::face
