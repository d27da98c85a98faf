#pragma once

#include "framework/graph/flat_graph.h"

namespace weft::graph {

/// Gives streams a node that holds their value where an expression will not do: streams that are only made of themselves
/// and other streams ("a else x[t-1]"), so that every cycle has a node in it; and streams whose choices would be read many
/// times over (choices within choices, and long windows over a choice), so that their value is made once for each frame.
void hold_streams(FlatGraph& graph);

}  // namespace weft::graph
