#pragma once

#include "framework/graph/plan.h"
#include "framework/node/factory.h"

#include <memory>
#include <vector>

namespace weft::run {

/// The nodes that a plan runs, created, configured and built; and its other networks, so that their keys in a weight file
/// are known. A second call (`share`) is the same node as the first.
class Nodes {
 public:
  /// @param rows  of a batch: each source and each writer is that many nodes, a RowNodes, where it is more than one
  /// @throws Error  when a node that runs cannot be made
  Nodes(const graph::Plan& plan, const NodeFactory& factory, size_t rows = 1);
  Nodes(const Nodes&) = delete;  // the shapes point to the symbols
  Nodes& operator=(const Nodes&) = delete;

  /// By node of the plan's graph; nullptr for what is not made.
  const std::vector<Node*>& all() const { return nodes_; }
  Node* operator[](size_t index) const { return nodes_[index]; }

  /// Another instance of each source that runs, by node of the graph: for clips side by side, or a new epoch.
  static std::vector<std::unique_ptr<Node>> make_sources(const graph::Plan& plan, const NodeFactory& factory);

 private:
  Symbols symbols_;             ///< of the shapes
  std::vector<Shapes> shapes_;  ///< by node of the graph, as the nodes are built with
  std::vector<std::unique_ptr<Node>> owned_;
  std::vector<Node*> nodes_;
};

/// The frames of each step that is a source, in its current sequence, as Timeline takes them.
/// @param nodes  by node of the plan's graph
std::vector<int64_t> lengths_of_sources(const graph::Plan& plan, const std::vector<Node*>& nodes);

}  // namespace weft::run
