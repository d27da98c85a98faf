#pragma once

#include "framework/graph/goal_graph.h"

#include <map>
#include <memory>
#include <string>

namespace weft::graph {

/// What feeds the ports of a node, by port: "metric.psnr(range = 2.0, most = 100.0)".
///
/// A node of the family of `reader` is written with all its parameters, defaults included but no paths, and with the nodes
/// of that family that feed it; others with the parameters that the graph sets. So two numbers whose origins are equal were
/// measured with the same settings. Windows and `every` belong to it: "metric.i3d_features(…, 16 frames, every 16)".
std::shared_ptr<const std::map<std::string, std::string>> origins(const GoalGraph& graph, const FlatNode& reader);

}  // namespace weft::graph
