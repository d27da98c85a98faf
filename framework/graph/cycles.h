#pragma once

#include "framework/graph/diagnostics.h"
#include "framework/graph/flat_graph.h"

#include <vector>

namespace weft::graph {

/// Reports a cycle whose delays do not add up to at least 1 (E501), as a path, and nodes in a cycle that fold a chunk
/// (E503). A read of a later frame counts negative.
/// @returns false when there is a cycle without delay
bool check_cycles(const FlatGraph& graph, Diagnostics& diagnostics);

/// For each stream whether it comes back to itself through streams alone.
std::vector<bool> streams_in_cycles(const FlatGraph& graph);

}  // namespace weft::graph
