#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace weft::pose {

/// Rows of a person's keypoints: where each group begins.
constexpr int64_t kBody = 0, kFace = 25, kLeftHand = 95, kRightHand = 116, kPerson = 137;

/// [1, 137 * people, 3]: nothing was found of anybody.
at::Tensor nobody(int64_t people = 1);

/// Sets a point that the detector is sure of.
void set_point(const at::Tensor& keypoints, int64_t row, double x, double y, double confidence = 1);

/// `count` numbers as a JSON list: first, first + 1, …
std::string numbers(int count, double first = 1);

}  // namespace weft::pose
