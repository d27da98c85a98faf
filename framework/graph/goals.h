#pragma once

#include "framework/graph/diagnostics.h"
#include "framework/graph/goal_graph.h"

#include <memory>
#include <string>
#include <vector>

namespace weft::graph {

/// A stream that is to be seen as a video beside the output.
struct Peek {
  std::string path;   ///< of the stream or output, such as "F.mask"
  std::string show;   ///< the node type that makes an image of it; has a parameter `kind`. A record may name its own
  std::string write;  ///< the node type that writes; has a parameter `path`
};

/// Adds the goals of all commands to a graph: its writers, wanted streams, peeks, the losses of updates whose weight is not
/// 0, and the streams that [run] `show` and `best` name. What cannot be found is reported (E302).
/// @param wanted  paths of streams
std::shared_ptr<const GoalGraph> add_goals(const std::shared_ptr<const FlatGraph>& flat,
                                           const std::vector<std::string>& wanted, const std::vector<Peek>& peeks,
                                           const NodeCatalogue& catalogue, Diagnostics& diagnostics);

}  // namespace weft::graph
