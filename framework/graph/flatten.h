#pragma once

#include "framework/graph/diagnostics.h"
#include "framework/graph/flat_graph.h"
#include "framework/graph/library.h"
#include "framework/graph/overlay.h"

namespace weft::graph {

/// Puts all files into one graph: parameters are given their values, names are resolved, overlays are laid on (the
/// file's own first, then `overlays` in order). What cannot be resolved is reported and leaves Unknown terms, so
/// that the checks that follow do not report it again.
FlatGraph flatten(Library& library, const Document& document, const std::vector<Overlay>& overlays,
                  const NodeCatalogue& catalogue, Diagnostics& diagnostics);

}  // namespace weft::graph
