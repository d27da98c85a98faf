#pragma once

#include "framework/node/factory.h"
#include "framework/run/weights.h"

#include <string>

namespace weft::run {

/// For a weight file that does not fit: which graph in the folder of its graph has a network of this path that it fits
/// better, such as that of another variant of a published network.
///
/// @param graph_file  of the graph whose [weights] have the group's line
/// @returns a way out for the message; empty when no graph there fits better, or the file cannot be read
std::string nearest_graph(const std::string& graph_file, const WeightGroup& group, const NodeFactory& factory);

}  // namespace weft::run
