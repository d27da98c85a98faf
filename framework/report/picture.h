#pragma once

#include "framework/node/value.h"
#include "framework/spec/kind.h"

#include <optional>

namespace weft::report {

/// A value as an image, drawn as by `image.show`.
/// @param value  the first sample of its batch is drawn
/// @returns [3, H, W] float in [-1, 1]; nothing for a value that is not a map
std::optional<at::Tensor> picture_of(const Value& value, Kind kind);

}  // namespace weft::report
