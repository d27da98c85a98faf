#pragma once

#include "framework/testing/node_runner.h"

#include <string>
#include <vector>

namespace weft {

/// What one frame of world.dancer or world.face says; `parts` are the dancer's, `labels` the face's.
struct FilmFrame {
  at::Tensor image, keypoints, parts, labels, flow, occlusion, mask;
};

struct FilmSetting {
  std::string node = "world.dancer";
  int64_t seed = 1, identity = 1, motion = 1;
  std::vector<int64_t> size = {128, 128};
  int64_t start = 0;
};

/// One of the two nodes in a setting.
class Film : public testing::NodeRunner {
 public:
  explicit Film(const FilmSetting& setting);
};

FilmFrame next_frame(Film& film);

/// `count` frames from the beginning of a setting.
std::vector<FilmFrame> frames_of(const FilmSetting& setting, int64_t count);

bool is_equal(const FilmFrame& a, const FilmFrame& b);

/// Mean |warped - image| over pixels where `where` is 1, in steps of an 8-bit image, of the frame before moved along the flow.
double warp_error(const FilmFrame& before, const FilmFrame& now, const at::Tensor& where);
/// The same without any motion.
double still_error(const FilmFrame& before, const FilmFrame& now, const at::Tensor& where);

/// A keypoint: x, y, confidence.
struct Point3 {
  double x, y, confidence;
};
Point3 keypoint(const FilmFrame& frame, int64_t index);

/// The number at the pixel that shows a place, of a map's channel.
double at_place(const at::Tensor& map, int64_t channel, double x, double y);

}  // namespace weft
