#include "plugins/pose/keypoint_scale.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace weft::pose {
namespace {

/// No person is that small in pixels; in fractions, a detector may follow a limb out of the frame.
constexpr double kLargestFraction = 2;

/// Calls `use` for each point that was found.
template <typename People, typename Use>
void for_each_found(People& people, const Use& use) {
  for (auto& person : people) {
    const auto use_found = [&](auto points) {
      for (auto& point : points) {
        if (point.confidence > 0) use(point);
      }
    };
    use_found(std::span(person.body));
    use_found(std::span(person.face));
    use_found(std::span(person.left_hand));
    use_found(std::span(person.right_hand));
  }
}

}  // namespace

void KeypointScale::params(Params& p) {
  p("keypoint_scale", scale_,
    "unit of the keypoints, as OpenPose's --keypoint_scale: 0 pixels of the video; 1 or 2 pixels of a picture of the "
    "size `keypoint_size`; 3 fractions of width and height, from 0 to 1; 4 the same from -1 to 1; default: 0, or 3 "
    "with "
    "a warning where no coordinate of a frame is above 2")
      .min(0)
      .max(4);
  p("keypoint_size", size_,
    "height and width of the picture in whose pixels the keypoints are, where it is not the video: with keypoint_scale "
    "1, the net's output (--net_resolution), with 2 the output (--output_resolution)")
      .count({2})
      .min(1)
      .max(32768);
}

void KeypointScale::check() const {
  const bool wants_size = scale_ == 1 || scale_ == 2;
  if (wants_size && !size_) {
    throw Error(Exit::Graph, text("`keypoint_scale` is ", *scale_, ", but `keypoint_size` is not given"))
        .hint("add the height and width of the picture in whose pixels the keypoints are: keypoint_size = [368, 656]");
  }
  if (size_ && scale_ && !wants_size) {
    throw Error(Exit::Graph, text("`keypoint_size` is given, but `keypoint_scale` is ", *scale_))
        .hint("remove `keypoint_size`, or set keypoint_scale = 1");
  }
}

KeypointScale::Unit KeypointScale::unit_of(const std::vector<Person>& people, Log& log) {
  if (scale_ || size_) return scale_ == 3 ? Unit::Fractions : scale_ == 4 ? Unit::Signed : Unit::Pixels;
  double largest = 0, least = 0;
  int64_t count = 0;
  for_each_found(people, [&](const Keypoint& point) {
    largest = std::max({largest, std::abs(point.x), std::abs(point.y)});
    least = std::min({least, point.x, point.y});
    ++count;
  });
  if (count < 2 || largest > kLargestFraction) return Unit::Pixels;
  if (least < 0) {
    throw Error(Exit::Data, text("all keypoints of the frame are between ", number_text(least), " and ",
                                 number_text(largest), ", so they are no pixels"))
        .hint("set keypoint_scale = 4 for keypoints from -1 to 1, or 3 for keypoints from 0 to 1");
  }
  if (!has_reported_guess_) {
    log.warn(text("no keypoint is above ", number_text(largest),
                  ": they are taken for fractions of the frame; `keypoint_scale = 3` says so, 0 means pixels"));
  }
  has_reported_guess_ = true;
  return Unit::Fractions;
}

void KeypointScale::report_outside(const std::vector<Person>& people, int64_t height, int64_t width, Log& log) {
  int64_t count = 0, outside = 0;
  for_each_found(people, [&](const Keypoint& point) {
    ++count;
    const bool is_inside =
        point.x >= 0 && point.y >= 0 && point.x <= static_cast<double>(width) && point.y <= static_cast<double>(height);
    if (!is_inside) ++outside;
  });
  if (has_reported_outside_ || 2 * outside <= count) return;
  has_reported_outside_ = true;
  log.warn(text(outside, " of ", count, " keypoints are outside of the frame, which has ", width, 'x', height,
                " pixels: `frame_size` must be that of the keypoints' video"));
}

void KeypointScale::apply(std::vector<Person>& people, int64_t height, int64_t width, Log& log) {
  const Unit unit = unit_of(people, log);
  const auto h = static_cast<double>(height), w = static_cast<double>(width);
  Keypoint factor = {1, 1, 0}, begin;
  if (size_) factor = {w / static_cast<double>(size_->at(1)), h / static_cast<double>(size_->at(0)), 0};
  if (unit == Unit::Fractions) factor = {w, h, 0};
  if (unit == Unit::Signed) factor = begin = {w / 2, h / 2, 0};
  if (unit != Unit::Pixels || size_) {
    for_each_found(people, [&](Keypoint& point) {
      point.x = begin.x + point.x * factor.x;
      point.y = begin.y + point.y * factor.y;
    });
  }
  report_outside(people, height, width, log);
}

}  // namespace weft::pose
