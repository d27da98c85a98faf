#pragma once

#include "framework/graph/part.h"

namespace weft::graph {

/// The third step of flattening: the tables [weights] and [update.*] of the graph itself, for the nodes that there are.
void read_training_tables(const Item& root, Declarations& declared, Diagnostics& diagnostics);

}  // namespace weft::graph
