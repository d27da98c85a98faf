#pragma once

#include "framework/weights/pickle.h"

#include <string>
#include <utility>
#include <vector>

namespace weft::weights {

/// The tensors of a pickle with their names: the keys and places on the way to them, joined by dots.
///
/// Numbers, texts and the like are passed over, and so is what lies under a key that is neither text nor
/// integer.
/// @returns names and places in `pickle.tensors`, in the pickle's order
/// @throws Error  when there are none, two of one name, or nesting and repetition know no measure
std::vector<std::pair<std::string, size_t>> tensor_names(const std::string& path, const Pickle& pickle);

}  // namespace weft::weights
