#pragma once

#include "framework/node/value.h"
#include "framework/spec/kind.h"

#include <optional>

namespace weft::report {

/// A value as people can see it, as `image.show` draws it.
/// @param value  of a batch, of which the first is drawn
/// @returns [3, H, W] float in [-1, 1]; nothing for what is no map
std::optional<at::Tensor> picture_of(const Value& value, Kind kind);

}  // namespace weft::report
