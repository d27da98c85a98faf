#pragma once

#include "framework/vision/curve.h"

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace weft::face {

/// How many landmarks a face has, and how many with the forehead.
constexpr size_t kLandmarks = 68;
constexpr size_t kWithForehead = 83;

/// The landmarks in a file: a text file of 68 rows `x,y`, or a JSON list of 68 lists [x, y]; the content decides,
/// not the name.
/// @throws Error  (Data) when it cannot be read, is neither, or does not hold 68 positions
std::vector<vision::Point> read_landmarks(const std::string& file);

/// @returns [1, 68, 3] double, with confidence 1
at::Tensor keypoints_of(const std::vector<vision::Point>& landmarks);

/// @param keypoints  [68, 3] of any type
/// @throws Error  (Data) when a landmark is not a position in an image
std::vector<vision::Point> landmarks_of(const at::Tensor& keypoints);

/// Adds 15 points of the forehead, numbers 68 to 82, in the order of jaw points 15 to 1: the jaw without its
/// ends, cut off to integers, turned up about the mean height of these ends and flattened to two thirds.
///
/// Source: Wang et al. 2018, program; docs/papers/vid2vid.md.
std::vector<vision::Point> with_forehead(std::vector<vision::Point> landmarks);

}  // namespace weft::face
