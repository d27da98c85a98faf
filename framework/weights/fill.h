#pragma once

#include <ATen/core/Tensor.h>

#include <string_view>

namespace weft::weights {

/// The values of the tensor `key` in conformance data and under `[weights] … = "fill"`, so that results can be compared
/// without stored weights. With u in [0, 1) and v = 2u - 1 from splitmix64 of the name's CRC-32 and the index:
///
///   *num_batches_tracked   0, int64 whatever `type`
///   *running_var           1 + u / 2
///   *running_mean          v / 10
///   *_u, *_v               v / |v|, the vectors of spectral norms
///   0 or 1 dimensions      1 + v / 10 for *weight, v / 10 for others
///   more dimensions        v sqrt(3 / fan_in), where fan_in is the count without the first dimension
///
/// Computed in double, rounded to float, then converted to `type`.
/// Source: shared/conformance/fill.py, whose rule this is.
at::Tensor fill(std::string_view key, at::IntArrayRef shape, at::ScalarType type = at::kFloat);

/// The input called `name`: v, uniform in [-1, 1), as float.
at::Tensor fill_input(std::string_view name, at::IntArrayRef shape);

}  // namespace weft::weights
