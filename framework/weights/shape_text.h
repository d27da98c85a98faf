#pragma once

#include "framework/base/text.h"

#include <ATen/core/Tensor.h>

namespace weft::weights {

/// `[1, 3, 256, 512]`.
std::string shape_text(at::IntArrayRef sizes);
/// `[1, 3, 256, 512]`, or `nothing`.
std::string shape_text(const at::Tensor& tensor);

}  // namespace weft::weights
