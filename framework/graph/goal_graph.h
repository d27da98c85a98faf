#pragma once

#include "framework/graph/flat_graph.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weft::graph {

/// The nodes of a flat graph with those that goals add behind them; it owns neither.
class NodeList {
 public:
  class Iterator {
   public:
    using difference_type = std::ptrdiff_t;
    using value_type = FlatNode;

    Iterator() = default;
    explicit Iterator(const FlatNode* const* at) : at_(at) {}
    const FlatNode& operator*() const { return **at_; }
    const FlatNode* operator->() const { return *at_; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) { return Iterator(at_++); }
    Iterator& operator--() {
      --at_;
      return *this;
    }
    difference_type operator-(const Iterator& other) const { return at_ - other.at_; }
    bool operator==(const Iterator&) const = default;

   private:
    const FlatNode* const* at_ = nullptr;
  };

  void add(const FlatNode& node) { nodes_.push_back(&node); }
  size_t size() const { return nodes_.size(); }
  const FlatNode& operator[](size_t index) const { return *nodes_[index]; }
  Iterator begin() const { return Iterator(nodes_.data()); }
  Iterator end() const { return Iterator(nodes_.data() + nodes_.size()); }

 private:
  std::vector<const FlatNode*> nodes_;
};

/// What a command is for: a writer, a wanted stream, a loss, or a stream that training watches.
struct Goal {
  NodeRole role = NodeRole::Plugin;  ///< Plugin: a writer
  int node = -1;
  std::string name;  ///< of the node, stream or loss, as the graph writes it
  int update = -1;   ///< of a loss
  int loss = -1;     ///< of a loss: its index among those of the update
};

/// A flat graph with the goals of all commands; each goal is a node, and nothing else is added.
class GoalGraph {
 public:
  /// @param added  nodes behind those of the flat graph
  GoalGraph(std::shared_ptr<const FlatGraph> flat, std::deque<FlatNode> added, std::vector<Goal> goals);
  GoalGraph(const GoalGraph&) = delete;
  GoalGraph& operator=(const GoalGraph&) = delete;

 private:
  std::shared_ptr<const FlatGraph> flat_;
  std::deque<FlatNode> added_;

 public:
  NodeList nodes;
  const std::vector<FlatStream>& streams;
  const std::vector<Instance>& instances;
  const RunSettings& run;
  const std::vector<WeightSource>& weights;
  const std::vector<Update>& updates;
  const std::vector<Goal> goals;

  const FlatNode& node(int index) const { return nodes[static_cast<size_t>(index)]; }
  const FlatStream& stream(int index) const { return streams[static_cast<size_t>(index)]; }
  /// @param node  a node of the flat graph, not an added one
  size_t index_of(const FlatNode& node) const { return static_cast<size_t>(&node - flat_->nodes.data()); }
  /// The output of a node as messages name it: "F.w.flow", or "F.warp" when there is only one.
  std::string output_name(int node, int output) const;

  /// The goal of a node, or nullptr.
  const Goal* goal_of(int node) const;
  /// The node of a wanted or watched stream, or -1.
  int find_goal(NodeRole role, std::string_view name) const;
  /// The node of a loss, or -1: losses of weight 0 have none.
  int find_loss(const Update& update, const LossTerm& loss) const;
};

}  // namespace weft::graph
