#pragma once

#include "framework/graph/item.h"

#include <string>
#include <string_view>

namespace weft::graph {

/// Graph files are small; what is larger is something else.
inline constexpr int64_t kLargestFile = 2'000'000;

/// Reads a TOML file whole.
/// @throws Error  E101 when it is not TOML, E102 when it cannot be read
Item read_toml(const std::string& file);

/// Reads TOML text that stands in `file`.
/// @throws Error  E101
Item parse_toml(std::string_view source, const std::string& file);

/// Reads one value as `--set` writes it; text that is no TOML value is taken as a text.
Item parse_value(const std::string& source);

}  // namespace weft::graph
