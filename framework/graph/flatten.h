#pragma once

#include "framework/graph/diagnostics.h"
#include "framework/graph/flat_graph.h"
#include "framework/graph/library.h"
#include "framework/graph/overlay.h"

#include <memory>
#include <string>
#include <vector>

namespace weft::graph {

/// Puts all files into one graph: parameters are given their values, names are resolved, overlays are laid on (the
/// file's own first, then `overlays` in order). Cycles are checked, and streams that cannot be read as expressions get a
/// node that holds their value. What cannot be resolved is reported and leaves Unknown terms, so that the checks that follow
/// do not report it again.
/// @param pushed  optional inputs of the graph that the program gives; it must give the others
/// @returns nullptr when names mean two things or the graph is too large: nothing more can be checked then
std::shared_ptr<const FlatGraph> flatten(Library& library, const Document& document,
                                         const std::vector<Overlay>& overlays, const std::vector<std::string>& pushed,
                                         const NodeCatalogue& catalogue, Diagnostics& diagnostics);

}  // namespace weft::graph
