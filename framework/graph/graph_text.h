#pragma once

#include "framework/graph/flat_graph.h"
#include "framework/graph/plan.h"

#include <string>

namespace weft::graph {

/// Every parameter of every node with its value and where the value comes from, for `weft check --show`.
std::string values_text(const GoalGraph& graph);

/// What a plan runs, as one file without includes, overlays and parameters, all defaults filled in and all paths
/// absolute: what a run folder keeps. A node inside another file is called by its path, with __ for the dots.
std::string resolved_text(const Plan& plan);

/// The name that a node has in a resolved graph: its path with __ for the dots.
std::string flat_name(std::string path);

/// The graph in Graphviz' language: subgraphs as boxes, kinds and delays on the edges.
std::string dot_text(const TypedGraph& typed);

}  // namespace weft::graph
