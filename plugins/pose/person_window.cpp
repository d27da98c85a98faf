#include "plugins/pose/person_window.h"

#include "plugins/pose/skeleton.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace weft::pose {
namespace {

constexpr size_t kEyes[] = {15, 16}, kAnkles[] = {11, 14};  // of BODY_25

/// The least and the largest of the coordinates that are not 0.
struct Range {
  double low = std::numeric_limits<double>::max();
  double high = 0;

  void add(double value) {
    if (value == 0) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

/// From a bit above the eyes to the ankles, or as far as points were found.
std::pair<double, double> vertical_range(const Person& drawn, const Range& y) {
  const auto y_of = [&](size_t point) { return drawn.body.at(point).y; };
  const double top = std::max(y.low, std::min(y_of(kEyes[0]), y_of(kEyes[1])));
  const double ankles = std::max(y_of(kAnkles[0]), y_of(kAnkles[1]));
  return {top, ankles > 0 ? ankles : y.high};
}

/// Places a centre so that `half` fits on both of its sides.
int64_t into_frame(int64_t centre, int64_t half, int64_t length) {
  return std::max(half, std::min(length - half, centre));
}

}  // namespace

bool has_body(const Person& person) {
  const Person drawn = drawn_points(person);
  return std::any_of(drawn.body.begin(), drawn.body.end(), [](const Keypoint& point) { return point.x != 0; });
}

PersonWindow window_about(const Person& person, int64_t frame_height, int64_t frame_width, const Framing& framing) {
  const Person drawn = drawn_points(person);
  int64_t x = frame_width / 2, y = frame_height / 2, height = frame_height;
  if (has_body(person)) {
    Range across, down;
    for (const Keypoint& point : drawn.body) {
      across.add(point.x);
      down.add(point.y);
    }
    const auto [top, bottom] = vertical_range(drawn, down);
    x = static_cast<int64_t>(across.low + across.high) / 2;
    y = static_cast<int64_t>(top + bottom) / 2;
    const double wanted = std::max(static_cast<double>(frame_height / 4), (bottom - top) * framing.scale);
    height = static_cast<int64_t>(std::min(static_cast<double>(frame_height), wanted));
  }
  const int64_t half_height = std::max<int64_t>(height / 2, 1);
  const int64_t half_width =
      std::clamp<int64_t>(static_cast<int64_t>(static_cast<double>(half_height) * framing.aspect), 1,
                          std::max<int64_t>(frame_width / 2, 1));
  x = into_frame(x + static_cast<int64_t>(framing.shift_x * static_cast<double>(half_width)), half_width, frame_width);
  y = into_frame(y + static_cast<int64_t>(framing.shift_y * static_cast<double>(half_height)), half_height,
                 frame_height);
  return {x - half_width, y - half_height, x + half_width, y + half_height};
}

}  // namespace weft::pose
