#pragma once

#include "framework/graph/flat_graph.h"

#include <vector>

namespace weft::graph {

/// For each input of a node, whether it is variadic and the sizes of the node follow from the size of each of its values,
/// as the channels of a concatenation do. Without one of them the node would have other sizes than its readers are made for.
/// @param shapes  of the node, with all values
std::vector<char> inputs_that_need_all(const FlatNode& node, const Shapes& shapes, const Symbols& symbols);

}  // namespace weft::graph
