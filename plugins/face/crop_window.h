#pragma once

#include "framework/vision/curve.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace weft::face {

/// A rectangle of pixels in a frame; it may reach beyond the frame's borders. Its ends are exclusive.
struct Window {
  int64_t top = 0;
  int64_t bottom = 0;
  int64_t left = 0;
  int64_t right = 0;
  bool is_mirrored = false;  ///< its content is mirrored, left to right

  bool operator==(const Window&) const = default;
};

/// A square about a face, 2.5 times as wide as its landmarks, moved into the frame as far as it fits.
///
/// Source: Wang et al. 2018, program; docs/papers/vid2vid.md.
/// @param landmarks  of one face, without forehead
/// @throws Error  (Data) when the landmarks have no width
Window window_about(const std::vector<vision::Point>& landmarks, int64_t frame_height, int64_t frame_width);

/// A square about a face, twice as wide as its landmarks, whose upper side is five eighths of its height above their
/// middle; it may reach beyond the frame.
///
/// Source: Wang et al. 2019, "Few-shot Video-to-Video Synthesis", program.
/// @param landmarks  of one face, without forehead
/// @throws Error  (Data) when the landmarks have no width
Window few_shot_window_about(const std::vector<vision::Point>& landmarks);

/// The largest square in the middle of a frame: of a face whose place is not known yet.
Window window_in_middle(int64_t frame_height, int64_t frame_width);

/// A window as two keypoints, its upper left and its lower right corner, or, where it is mirrored, its upper right and
/// its lower left one: [2, 3] double.
at::Tensor keypoints_of(const Window& window);
/// @param corners  [2, 3] of any type; fractions of pixels are cut off
/// @throws Error  (Data) when there is no pixel between them
Window window_of(const at::Tensor& corners);

/// The pixels of a window outside of the frame.
enum class Outside {
  Zero,
  Border,  ///< the nearest pixel of the frame
};

/// The content of a window, not mirrored yet: the originals resize before they mirror.
/// @param picture  [H, W] or [H, W, C]
at::Tensor cut_out(const at::Tensor& picture, const Window& window, Outside outside);
/// Mirrors a crop, which may have been resized, if the window is mirrored.
/// @param picture  [H, W] or [H, W, C]
at::Tensor turned(const at::Tensor& picture, const Window& window);

}  // namespace weft::face
