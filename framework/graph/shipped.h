#pragma once

#include <string>

namespace weft::graph {

/// How paths of graphs that come with weft begin, wherever it is installed: `use = "weft:parts/scale.toml"`.
inline constexpr const char* kShippedPrefix = "weft:";

/// The folder of these graphs: beside the libraries of an installed or packed weft, or in the source of one that was
/// built; "" where there is none.
std::string shipped_graphs();

/// Whether `path` begins with the prefix.
bool is_shipped(const std::string& path);

}  // namespace weft::graph
