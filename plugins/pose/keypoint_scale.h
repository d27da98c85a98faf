#pragma once

#include "framework/base/log.h"
#include "framework/node/params.h"
#include "plugins/pose/person.h"

#include <optional>
#include <vector>

namespace weft::pose {

/// The unit in which a detector wrote keypoints: OpenPose's --keypoint_scale.
///
/// Where it is not given, keypoints are pixels of the video; if no coordinate of a frame is above 2, they are fractions
/// of the frame (--keypoint_scale 3), which is reported.
class KeypointScale {
 public:
  /// Declares `keypoint_scale` and `keypoint_size`.
  void params(Params& p);
  /// @throws Error  (Graph) when one of them wants the other
  void check() const;
  /// Moves keypoints to pixels of the video; points that were not found stay 0.
  /// @throws Error  (Data) when keypoints from -1 to 1 come without `keypoint_scale`
  void apply(std::vector<Person>& people, int64_t height, int64_t width, Log& log);

 private:
  enum class Unit { Pixels = 0, Fractions = 3, Signed = 4 };
  Unit unit_of(const std::vector<Person>& people, Log& log);
  void report_outside(const std::vector<Person>& people, int64_t height, int64_t width, Log& log);

  std::optional<int64_t> scale_;
  std::optional<std::vector<int64_t>> size_;
  bool has_reported_guess_ = false;
  bool has_reported_outside_ = false;
};

}  // namespace weft::pose
