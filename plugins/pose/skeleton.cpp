#include "plugins/pose/skeleton.h"

#include "framework/vision/curve.h"
#include "plugins/pose/joints.h"

#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <initializer_list>
#include <limits>
#include <numeric>
#include <span>

namespace weft::pose {
namespace {

constexpr double kSureOfFace = 0.1;

using Colour = std::array<uint8_t, 3>;

struct Limb {
  size_t from;
  size_t to;
  Colour colour;
};

constexpr size_t kHeadLimbs = 4;  // they come first
constexpr size_t kFeetLimbs = 6;
constexpr Limb kLimbs[] = {
    {17, 15, {153, 0, 153}}, {15, 0, {153, 0, 102}},  {0, 16, {102, 0, 153}},  {16, 18, {51, 0, 153}},
    {0, 1, {153, 0, 51}},    {1, 8, {153, 0, 0}},     {1, 2, {153, 51, 0}},    {2, 3, {153, 102, 0}},
    {3, 4, {153, 153, 0}},   {1, 5, {102, 153, 0}},   {5, 6, {51, 153, 0}},    {6, 7, {0, 153, 0}},
    {8, 9, {0, 153, 51}},    {9, 10, {0, 153, 102}},  {10, 11, {0, 153, 153}}, {11, 24, {0, 153, 153}},
    {11, 22, {0, 153, 153}}, {22, 23, {0, 153, 153}}, {8, 12, {0, 102, 153}},  {12, 13, {0, 51, 153}},
    {13, 14, {0, 0, 153}},   {14, 21, {0, 0, 153}},   {14, 19, {0, 0, 153}},   {19, 20, {0, 0, 153}},
};

/// Whether a limb belongs to a foot: it reaches a toe or a heel.
constexpr bool is_of_a_foot(const Limb& limb) {
  return limb.to > 18;
}

/// The same with the feet at the end.
const std::vector<Limb>& limbs_with_feet_last() {
  static const std::vector<Limb> limbs = [] {
    std::vector<Limb> moved(std::begin(kLimbs), std::end(kLimbs));
    std::stable_partition(moved.begin(), moved.end(), [](const Limb& limb) { return !is_of_a_foot(limb); });
    return moved;
  }();
  return limbs;
}

/// A finger begins at the wrist, point 0.
struct Finger {
  std::array<size_t, 5> points;
  Colour colour;
};
constexpr Finger kFingers[] = {
    {{0, 1, 2, 3, 4}, {204, 0, 0}},      {{0, 5, 6, 7, 8}, {163, 204, 0}},     {{0, 9, 10, 11, 12}, {0, 204, 82}},
    {{0, 13, 14, 15, 16}, {0, 82, 204}}, {{0, 17, 18, 19, 20}, {163, 0, 204}},
};

/// Facial edges are white, and each begins where the list says.
using FacialEdge = std::vector<size_t>;
constexpr Colour kWhite = {255, 255, 255};

/// The points from `first` to `last`, then `more`.
FacialEdge chain(size_t first, size_t last, std::initializer_list<size_t> more = {}) {
  FacialEdge points(last - first + 1);
  std::iota(points.begin(), points.end(), first);
  points.insert(points.end(), more);
  return points;
}

/// No inner mouth; jaw and a closed nose for few-shot vid2vid only.
std::vector<FacialEdge> facial_edges(Program program) {
  std::vector<FacialEdge> edges;
  if (program == Program::FewShot) edges.push_back(chain(0, 16));
  edges.insert(edges.end(), {chain(17, 21), chain(22, 26)});
  if (program == Program::FewShot) {
    edges.insert(edges.end(), {{28, 31}, chain(31, 35), {35, 28}});
  } else {
    edges.insert(edges.end(), {chain(27, 30), chain(31, 35)});
  }
  edges.insert(edges.end(), {chain(36, 39), chain(39, 41, {36}), chain(42, 45), chain(45, 47, {42}), chain(48, 54),
                             chain(54, 59, {48})});
  return edges;
}

bool is_found(const Keypoint& point, double sure) {
  return point.confidence > sure && point.x != 0;
}

/// Draws one person onto a picture.
class Skeleton {
 public:
  Skeleton(const Person& person, const Drawing& drawing, const at::Tensor& picture)
      : person_(person), drawing_(drawing), picture_(picture) {}

  void draw(const Drops& drops) const {
    const Line limb_line{kSureOfBody, drawing_.body_brush, vision::Ends::Discs, Gaps::Left};
    for (const Limb& limb : limbs()) {
      if (drops()) continue;
      const size_t ends[] = {limb.from, limb.to};
      draw_line(person_.body, ends, limb_line, limb.colour);
    }
    if (drawing_.detail == Detail::Body) return;
    if (!drops()) draw_hand(person_.left_hand);
    if (!drops()) draw_hand(person_.right_hand);
    if (!drawing_.has_face || drops()) return;
    for (const FacialEdge& edge : facial_edges(drawing_.program)) {
      draw_line(person_.face, edge, fine_line(kSureOfFace), kWhite);
    }
  }

 private:
  /// A point at x = 0 was not found, for the original: its pieces are left out, or the whole line.
  enum class Gaps { Left, Whole };

  struct Line {
    double sure;
    int64_t brush;
    vision::Ends ends;
    Gaps gaps;
  };

  Line fine_line(double sure) const {
    const bool is_few_shot = drawing_.program == Program::FewShot;
    return {sure, drawing_.fine_brush, is_few_shot ? vision::Ends::Plain : vision::Ends::Discs,
            is_few_shot ? Gaps::Whole : Gaps::Left};
  }

  std::span<const Limb> limbs() const {
    const bool is_body = drawing_.detail == Detail::Body;
    if (drawing_.program == Program::Vid2vid) return std::span(kLimbs).subspan(is_body ? kHeadLimbs : 0);
    const std::span<const Limb> all(limbs_with_feet_last());
    return is_body ? all.first(all.size() - kFeetLimbs) : all;
  }

  void draw_hand(std::span<const Keypoint> hand) const {
    for (const auto& [points, colour] : kFingers) draw_line(hand, points, fine_line(kSureOfBody), colour);
  }

  /// Draws from point to point, if the detector is sure of all of them.
  void draw_line(std::span<const Keypoint> points, std::span<const size_t> places, const Line& line,
                 Colour colour) const {
    const bool is_whole = std::all_of(places.begin(), places.end(), [&](size_t i) {
      return line.gaps == Gaps::Whole ? is_found(points[i], line.sure) : points[i].confidence > line.sure;
    });
    if (!is_whole) return;
    for (size_t i = 1; i < places.size(); ++i) {
      const Keypoint &from = points[places[i - 1]], &to = points[places[i]];
      if (from.x == 0 || to.x == 0) continue;
      const vision::Point ends[] = {{from.x, from.y}, {to.x, to.y}};
      vision::draw_curve(vision::curve_through(ends), line.brush, line.ends, colour, picture_);
    }
  }

  const Person& person_;
  const Drawing& drawing_;
  const at::Tensor& picture_;
};

}  // namespace

at::Tensor draw_people(const std::vector<Person>& people, int64_t height, int64_t width, const Drawing& drawing,
                       const Drops& drops) {
  at::Tensor picture = at::zeros({height, width, 3}, at::kByte);
  if (people.empty()) return picture;
  Skeleton(people.front(), drawing, picture).draw(drops);
  at::Tensor alone;
  for (size_t i = 1; i < people.size(); ++i) {
    alone = alone.defined() ? alone.zero_() : at::zeros_like(picture);
    Skeleton(people[i], drawing, alone).draw(drops);
    picture.add_(alone);
  }
  return picture;
}

double height_of(const Person& person) {
  double low = std::numeric_limits<double>::max(), high = std::numeric_limits<double>::lowest();
  for (const Keypoint& point : person.body) {
    const double y = point.confidence > kSureOfBody ? point.y : 0;
    low = std::min(low, y);
    high = std::max(high, y);
  }
  return high - low;
}

Person drawn_points(const Person& person) {
  Person drawn{};
  const auto keep = [](std::span<const Keypoint> from, std::span<const size_t> places, double sure,
                       std::span<Keypoint> to) {
    const auto found = [&](size_t i) { return is_found(from[i], sure); };
    if (!std::all_of(places.begin(), places.end(), found)) return;
    for (const size_t i : places) to[i] = from[i];
  };
  for (size_t i = 0; i < person.body.size(); ++i) {
    if (person.body[i].confidence > kSureOfBody) drawn.body[i] = person.body[i];
  }
  for (const auto& [points, colour] : kFingers) {
    keep(person.left_hand, points, kSureOfBody, drawn.left_hand);
    keep(person.right_hand, points, kSureOfBody, drawn.right_hand);
  }
  for (const FacialEdge& edge : facial_edges(Program::FewShot)) keep(person.face, edge, kSureOfFace, drawn.face);
  return drawn;
}

}  // namespace weft::pose
