#pragma once

#include "framework/graph/part.h"

namespace weft::graph {

/// The second step of flattening: what nodes and streams read. Each stream of `declared` gets its definition, each input of
/// a node its sources; a bypassed node becomes the input that passes through it.
void wire(Declarations& declared, Diagnostics& diagnostics);

}  // namespace weft::graph
