#pragma once

#include "framework/vision/curve.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace weft::face {

/// How many landmarks a face has, and how many with the forehead.
constexpr size_t kLandmarks = 68;
constexpr size_t kWithForehead = 83;

/// @param landmarks  of a face, 68 without forehead, or none where nobody is
/// @returns [1, landmarks, 3] double, with confidence 1; where nobody is [1, 68, 3], all 0
at::Tensor keypoints_of(const std::vector<vision::Point>& landmarks);

/// @param keypoints  [landmarks, 3] of any type
/// @returns none where nobody is: all confidences are 0
/// @throws Error  (Data) when a landmark is not a position in an image
std::vector<vision::Point> landmarks_of(const at::Tensor& keypoints);

/// Adds 15 points of the forehead, numbers 68 to 82, in the order of jaw points 15 to 1: the jaw without its
/// ends, cut off to integers, turned up about the mean height of these ends and flattened to two thirds.
///
/// Source: Wang et al. 2018, program; docs/papers/vid2vid.md.
/// @param landmarks  68 of a face, or none: nothing is added
std::vector<vision::Point> with_forehead(std::vector<vision::Point> landmarks);

/// @throws Error  (Graph) when keypoints of this number are not those of a face, with or without forehead
void check_landmarks(int64_t count);

/// Whether a coordinate in pixels may be one of an image.
bool is_in_a_picture(double coordinate);

}  // namespace weft::face
