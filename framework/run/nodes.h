#pragma once

#include "framework/graph/plan.h"
#include "framework/node/factory.h"
#include "framework/run/row_sinks.h"

#include <memory>
#include <vector>

namespace weft::run {

/// The nodes that a plan runs, created, configured and built, but for its sources (SourceGroup); and its other networks, so
/// that their keys in a weight file are known. A second call (`share`) is the same node as the first.
class Nodes {
 public:
  /// @param rows  of a batch: each writer is that many nodes, a RowSinks, where it is more than one
  /// @throws Error  when a node that runs cannot be made
  Nodes(const graph::Plan& plan, const NodeFactory& factory, size_t rows = 1);
  Nodes(const Nodes&) = delete;  // the shapes point to the symbols
  Nodes& operator=(const Nodes&) = delete;

  /// By node of the plan's graph; nullptr for what is not made.
  const std::vector<Node*>& all() const { return nodes_; }
  Node* operator[](size_t index) const { return nodes_[index]; }
  /// The writers of a batch.
  const std::vector<RowSinks*>& row_sinks() const { return row_sinks_; }

 private:
  std::unique_ptr<Node> make(const NodeFactory& factory, const NodeSpec& spec, size_t rows);

  Symbols symbols_;             ///< of the shapes
  std::vector<Shapes> shapes_;  ///< by node of the graph, as the nodes are built with
  std::vector<std::unique_ptr<Node>> owned_;
  std::vector<Node*> nodes_;
  std::vector<RowSinks*> row_sinks_;
};

}  // namespace weft::run
