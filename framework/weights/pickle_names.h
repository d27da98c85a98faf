#pragma once

#include "framework/weights/pickle.h"

#include <string>
#include <utility>
#include <vector>

namespace weft::weights {

/// The tensors of a pickle with their names: the keys and list positions that lead to them, joined by dots.
///
/// Numbers, texts and other values are skipped, and so are values under a key that is neither a text nor an integer.
/// @returns names and indices in `pickle.tensors`, in the pickle's order
/// @throws Error  when there is no tensor, two have the same name, or nesting or repetition exceeds the limits
std::vector<std::pair<std::string, size_t>> tensor_names(const std::string& path, const Pickle& pickle);

}  // namespace weft::weights
