#pragma once

#include "framework/node/value.h"

#include <ATen/core/Tensor.h>

namespace weft::run {

/// Whether each number is finite; of integers always.
bool has_all_finite(const at::Tensor& tensor);

/// The same of all tensors of a value.
bool has_all_finite(const Value& value);

}  // namespace weft::run
