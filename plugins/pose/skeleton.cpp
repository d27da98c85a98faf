#include "plugins/pose/skeleton.h"

#include "framework/vision/curve.h"

#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <span>

namespace weft::pose {
namespace {

constexpr double kSureOfBody = 0.01;
constexpr double kSureOfFace = 0.1;
constexpr int64_t kBodyBrush = 3;
constexpr int64_t kFineBrush = 1;

using Colour = std::array<uint8_t, 3>;

struct Limb {
  size_t from;
  size_t to;
  Colour colour;
};

constexpr size_t kHeadLimbs = 4;  // they come first
constexpr Limb kLimbs[] = {
    {17, 15, {153, 0, 153}}, {15, 0, {153, 0, 102}},  {0, 16, {102, 0, 153}},  {16, 18, {51, 0, 153}},
    {0, 1, {153, 0, 51}},    {1, 8, {153, 0, 0}},     {1, 2, {153, 51, 0}},    {2, 3, {153, 102, 0}},
    {3, 4, {153, 153, 0}},   {1, 5, {102, 153, 0}},   {5, 6, {51, 153, 0}},    {6, 7, {0, 153, 0}},
    {8, 9, {0, 153, 51}},    {9, 10, {0, 153, 102}},  {10, 11, {0, 153, 153}}, {11, 24, {0, 153, 153}},
    {11, 22, {0, 153, 153}}, {22, 23, {0, 153, 153}}, {8, 12, {0, 102, 153}},  {12, 13, {0, 51, 153}},
    {13, 14, {0, 0, 153}},   {14, 21, {0, 0, 153}},   {14, 19, {0, 0, 153}},   {19, 20, {0, 0, 153}},
};

/// A finger begins at the wrist, point 0.
struct Finger {
  std::array<size_t, 5> points;
  Colour colour;
};
constexpr Finger kFingers[] = {
    {{0, 1, 2, 3, 4}, {204, 0, 0}},      {{0, 5, 6, 7, 8}, {163, 204, 0}},     {{0, 9, 10, 11, 12}, {0, 204, 82}},
    {{0, 13, 14, 15, 16}, {0, 82, 204}}, {{0, 17, 18, 19, 20}, {163, 0, 204}},
};

/// A facial edge is white.
struct FacialEdge {
  size_t count;
  std::array<size_t, 7> points;
};
constexpr Colour kWhite = {255, 255, 255};
/// Brows, nose, eyes, outer mouth; neither jaw nor inner mouth.
constexpr FacialEdge kFacialEdges[] = {
    {5, {17, 18, 19, 20, 21}},
    {5, {22, 23, 24, 25, 26}},
    {4, {27, 28, 29, 30}},
    {5, {31, 32, 33, 34, 35}},
    {4, {36, 37, 38, 39}},
    {4, {39, 40, 41, 36}},
    {4, {42, 43, 44, 45}},
    {4, {45, 46, 47, 42}},
    {7, {48, 49, 50, 51, 52, 53, 54}},
    {7, {54, 55, 56, 57, 58, 59, 48}},
};

/// Draws one person onto a picture.
class Skeleton {
 public:
  Skeleton(const Person& person, const at::Tensor& picture) : person_(person), picture_(picture) {}

  void draw(Detail detail, const Drops& drops) const {
    const std::span limbs(kLimbs);
    for (const Limb& limb : detail == Detail::Body ? limbs.subspan(kHeadLimbs) : limbs) {
      if (drops()) continue;
      const size_t ends[] = {limb.from, limb.to};
      draw_line(person_.body, ends, kSureOfBody, kBodyBrush, limb.colour);
    }
    if (detail == Detail::Body) return;
    if (!drops()) draw_hand(person_.left_hand);
    if (!drops()) draw_hand(person_.right_hand);
    if (drops()) return;
    for (const auto& [count, points] : kFacialEdges) {
      draw_line(person_.face, std::span(points).first(count), kSureOfFace, kFineBrush, kWhite);
    }
  }

 private:
  void draw_hand(std::span<const Keypoint> hand) const {
    for (const auto& [points, colour] : kFingers) draw_line(hand, points, kSureOfBody, kFineBrush, colour);
  }

  /// Draws from point to point, if the detector is sure of all of them.
  void draw_line(std::span<const Keypoint> points, std::span<const size_t> line, double sure, int64_t brush,
                 Colour colour) const {
    if (!std::all_of(line.begin(), line.end(), [&](size_t i) { return points[i].confidence > sure; })) return;
    for (size_t i = 1; i < line.size(); ++i) {
      const Keypoint &from = points[line[i - 1]], &to = points[line[i]];
      if (from.x == 0 || to.x == 0) continue;
      const vision::Point ends[] = {{from.x, from.y}, {to.x, to.y}};
      vision::draw_curve(vision::curve_through(ends), brush, vision::Ends::Discs, colour, picture_);
    }
  }

  const Person& person_;
  const at::Tensor& picture_;
};

}  // namespace

at::Tensor draw_people(const std::vector<Person>& people, int64_t height, int64_t width, Detail detail,
                       const Drops& drops) {
  at::Tensor picture = at::zeros({height, width, 3}, at::kByte);
  if (people.empty()) return picture;
  Skeleton(people.front(), picture).draw(detail, drops);
  at::Tensor alone;
  for (size_t i = 1; i < people.size(); ++i) {
    alone = alone.defined() ? alone.zero_() : at::zeros_like(picture);
    Skeleton(people[i], alone).draw(detail, drops);
    picture.add_(alone);
  }
  return picture;
}

}  // namespace weft::pose
