#pragma once

#include "framework/testing/node_runner.h"

#include <string>
#include <vector>

namespace weft {

/// What one frame of the street says.
struct StreetFrame {
  at::Tensor image, labels, instances, flow, occlusion, depth, camera;
};

/// A node that shows the street, at 64 x 128 and with traffic unless a test says otherwise.
struct StreetSetting {
  std::string look = "noon", scene = "drive";
  int64_t seed = 1;
  std::vector<int64_t> size = {64, 128};
  double speed = 0.235;
  bool traffic = true;
  int64_t start = 0;
};

/// world.street in a setting.
class Street : public testing::NodeRunner {
 public:
  explicit Street(const StreetSetting& setting);
};

/// The frame that the node gives next.
StreetFrame next_frame(testing::NodeRunner& street);

/// `count` frames from the beginning of a setting.
std::vector<StreetFrame> frames_of(const StreetSetting& setting, int64_t count);

/// The frame before, moved along the flow of this one: [1, 3, H, W].
at::Tensor warped(const StreetFrame& before, const StreetFrame& now);

/// Mean |a - b| over pixels where `where` is 1, in steps of an 8-bit image.
double mean_error(const at::Tensor& a, const at::Tensor& b, const at::Tensor& where);

inline const std::vector<std::string> kLooks = {"noon",   "morning", "overcast", "rain",   "fog",
                                                "sunset", "night",   "snow",     "autumn", "south"};

}  // namespace weft
