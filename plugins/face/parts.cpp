#include "plugins/face/parts.h"

#include "plugins/face/landmarks.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <array>
#include <numeric>
#include <span>

namespace weft::face {
namespace {

constexpr uint8_t kEdgeColour[] = {255};
constexpr int kDistanceStep = 3;

/// The numbers from `first` to `last`.
std::vector<size_t> chain(size_t first, size_t last) {
  std::vector<size_t> points(last - first + 1);
  std::iota(points.begin(), points.end(), first);
  return points;
}

std::vector<size_t> outline(bool has_forehead) {
  std::vector<size_t> points = chain(0, 16);
  if (!has_forehead) return points;
  for (const size_t point : chain(kLandmarks, kWithForehead - 1)) points.push_back(point);
  points.push_back(0);
  return points;
}

/// The corners of the part's polygon: edge after edge.
std::vector<size_t> corners_of(const Part& part) {
  std::vector<size_t> points;
  for (const auto& edge : part.edges) points.insert(points.end(), edge.begin(), edge.end());
  return points;
}

/// Each point of the part once.
std::vector<size_t> points_of(const Part& part) {
  std::vector<size_t> points = corners_of(part);
  std::sort(points.begin(), points.end());
  points.erase(std::unique(points.begin(), points.end()), points.end());
  return points;
}

/// An OpenCV view of a picture's memory.
cv::Mat view_of(const at::Tensor& picture) {
  return cv::Mat(static_cast<int>(picture.size(0)), static_cast<int>(picture.size(1)), CV_8U, picture.data_ptr());
}

/// An edge goes through its landmarks in pieces of three, of which the last may have two.
void draw_edge(const std::vector<vision::Point>& landmarks, const std::vector<size_t>& edge, int64_t brush,
               const at::Tensor& picture) {
  constexpr size_t kPiece = 3;
  for (size_t begin = 0; begin + 1 < edge.size(); begin += kPiece - 1) {
    std::vector<vision::Point> piece;
    for (size_t i = begin; i < std::min(begin + kPiece, edge.size()); ++i) piece.push_back(landmarks[edge[i]]);
    vision::draw_curve(vision::curve_through(piece), brush, vision::Ends::Plain, kEdgeColour, picture);
  }
}

/// How far each pixel of a row is from the nearest edge, where `row` begins with the distances within its
/// columns.
void spread_along(std::span<uint16_t> row) {
  for (size_t x = 1; x < row.size(); ++x) row[x] = std::min<uint16_t>(row[x], row[x - 1] + 1);
  for (size_t x = row.size() - 1; x > 0; --x) row[x - 1] = std::min<uint16_t>(row[x - 1], row[x] + 1);
}

void lower_to(std::span<const uint16_t> neighbour, std::span<uint16_t> row) {
  for (size_t x = 0; x < row.size(); ++x) row[x] = std::min<uint16_t>(row[x], neighbour[x] + 1);
}

/// Steps to the nearest pixel of the edge, up and down or across, in threes. Down columns first, then along
/// rows.
/// @param edge  [H, W] uint8, not 0 on the edge
/// @returns [H, W] uint8, at most 255
at::Tensor distance_to(const at::Tensor& edge) {
  // Larger than any distance that the map distinguishes, with room to add.
  constexpr uint16_t kFar = 16384;
  const auto height = static_cast<size_t>(edge.size(0)), width = static_cast<size_t>(edge.size(1));
  const uint8_t* pixels = edge.const_data_ptr<uint8_t>();
  std::vector<uint16_t> distances(height * width);
  std::transform(pixels, pixels + edge.numel(), distances.begin(),
                 [](uint8_t pixel) { return pixel == 0 ? kFar : uint16_t{0}; });
  const auto row = [&](size_t y) { return std::span(distances).subspan(y * width, width); };
  for (size_t y = 1; y < height; ++y) lower_to(row(y - 1), row(y));
  for (size_t y = height - 1; y > 0; --y) lower_to(row(y), row(y - 1));
  for (size_t y = 0; y < height; ++y) spread_along(row(y));
  at::Tensor steps = at::empty(edge.sizes(), at::kByte);
  std::transform(distances.begin(), distances.end(), steps.mutable_data_ptr<uint8_t>(),
                 [](uint16_t distance) { return static_cast<uint8_t>(std::min(distance / kDistanceStep, 255)); });
  return steps;
}

vision::Point mean_of(const std::vector<vision::Point>& landmarks, const std::vector<size_t>& points) {
  vision::Point sum;
  for (const size_t point : points) sum = {sum.x + landmarks[point].x, sum.y + landmarks[point].y};
  const auto count = static_cast<double>(points.size());
  return {sum.x / count, sum.y / count};
}

/// How much of a distance stays, in width and in height.
struct Ratio {
  double x;
  double y;
};

void scale(const Part& part, Ratio ratio, std::vector<vision::Point>& landmarks) {
  const std::vector<size_t> points = points_of(part);
  const vision::Point centre = mean_of(landmarks, points);
  for (const size_t point : points) {
    vision::Point& moved = landmarks[point];
    moved = {centre.x + (moved.x - centre.x) * ratio.x, centre.y + (moved.y - centre.y) * ratio.y};
  }
}

/// Moves two parts, each as a whole, towards the middle between them.
void bring_together(const Part& first, const Part& second, Ratio ratio, std::vector<vision::Point>& landmarks) {
  const std::vector<size_t> halves[] = {points_of(first), points_of(second)};
  const vision::Point centres[] = {mean_of(landmarks, halves[0]), mean_of(landmarks, halves[1])};
  const vision::Point middle = {(centres[0].x + centres[1].x) / 2, (centres[0].y + centres[1].y) / 2};
  for (size_t half = 0; half < 2; ++half) {
    const double right = (middle.x - centres[half].x) * (1 - ratio.x);
    const double down = (middle.y - centres[half].y) * (1 - ratio.y);
    for (const size_t point : halves[half]) landmarks[point] = {landmarks[point].x + right, landmarks[point].y + down};
  }
}

}  // namespace

std::vector<Part> face_parts(size_t points) {
  return {
      {1, {outline(points == kWithForehead)}},
      {2, {chain(17, 21)}},
      {2, {chain(22, 26)}},
      {3, {{28, 31}, chain(31, 35), {35, 28}}},
      {4, {chain(36, 39), {39, 40, 41, 36}}},
      {4, {chain(42, 45), {45, 46, 47, 42}}},
      {5, {chain(48, 54), {54, 55, 56, 57, 58, 59, 48}}},
      {6, {chain(60, 64), {64, 65, 66, 67, 60}}},
  };
}

at::Tensor draw_labels(const std::vector<vision::Point>& landmarks, int64_t height, int64_t width) {
  at::Tensor labels = at::zeros({height, width}, at::kByte);
  if (landmarks.empty()) return labels;
  cv::Mat picture = view_of(labels);
  for (const Part& part : face_parts(landmarks.size())) {
    std::vector<cv::Point> polygon;
    for (const size_t point : corners_of(part)) {
      polygon.emplace_back(static_cast<int>(landmarks[point].x), static_cast<int>(landmarks[point].y));
    }
    cv::fillPoly(picture, std::vector{polygon}, cv::Scalar(static_cast<double>(part.label)));
  }
  return labels;
}

void scale_parts(std::vector<vision::Point>& landmarks) {
  if (landmarks.empty()) return;
  constexpr Ratio kTogether = {0.9, 1};
  constexpr std::array<Ratio, 6> kOfLabel = {{{0.9, 1}, {1, 1}, {0.9, 1}, {1, 1.1}, {0.9, 0.9}, {0.9, 0.9}}};
  const std::vector<Part> parts = face_parts(landmarks.size());
  bring_together(parts[1], parts[2], kTogether, landmarks);
  bring_together(parts[4], parts[5], kTogether, landmarks);
  for (const Part& part : parts) scale(part, kOfLabel.at(static_cast<size_t>(part.label - 1)), landmarks);
}

EdgeMaps draw_edges(const std::vector<vision::Point>& landmarks, int64_t height, int64_t width, Distances distances,
                    int64_t brush) {
  EdgeMaps maps{at::zeros({height, width}, at::kByte), {}};
  if (distances == Distances::All) maps.distances = at::full({kEdges, height, width}, 255, at::kByte);
  if (landmarks.empty()) return maps;
  const at::Tensor own = at::zeros_like(maps.edges);
  int64_t index = 0;
  for (const Part& part : face_parts(landmarks.size())) {
    for (const auto& edge : part.edges) {
      draw_edge(landmarks, edge, brush, maps.edges);
      if (distances == Distances::None) continue;
      own.zero_();
      draw_edge(landmarks, edge, brush, own);
      maps.distances[index++].copy_(distance_to(own));
    }
  }
  return maps;
}

}  // namespace weft::face
