#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <string_view>

namespace weft::backbones {

/// Gets the inner maps of a feature network by the published names of its layers.
using Tap = std::function<void(std::string_view layer, const at::Tensor& map)>;

}  // namespace weft::backbones
