#pragma once

#include "framework/graph/diagnostics.h"
#include "framework/graph/flat_graph.h"

namespace weft::graph {

/// Reports each cycle whose delays do not add up to at least 1 (E501), as a path, and nodes in a cycle that fold a
/// chunk (E503). A read of a later frame counts negative.
void check_cycles(const FlatGraph& graph, Diagnostics& diagnostics);

/// Gives streams that are only made of themselves and other streams ("a else x[t-1]") a node that holds their value, so
/// that every cycle has a node in it.
void hold_recurrent_streams(FlatGraph& graph);

/// The same for streams whose choices would be read many times over: choices within choices, and long windows over a
/// choice. Their value is made once for each frame, and read as that of a node. To be called after the other.
void hold_large_streams(FlatGraph& graph);

/// The type of the nodes that these two add; the executor passes their input through.
const NodeSpec& hold_spec();

/// For each node whether its output comes back to it.
std::vector<bool> nodes_in_cycles(const FlatGraph& graph);

}  // namespace weft::graph
