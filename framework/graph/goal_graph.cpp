#include "framework/graph/goal_graph.h"

#include "framework/base/text.h"

#include <algorithm>

namespace weft::graph {

GoalGraph::GoalGraph(std::shared_ptr<const FlatGraph> flat, std::deque<FlatNode> added, std::vector<Goal> all_goals)
    : flat_(std::move(flat)),
      added_(std::move(added)),
      streams(flat_->streams),
      instances(flat_->instances),
      run(flat_->run),
      weights(flat_->weights),
      updates(flat_->updates),
      goals(std::move(all_goals)) {
  for (const FlatNode& one : flat_->nodes) nodes.add(one);
  for (const FlatNode& one : added_) nodes.add(one);
}

std::string GoalGraph::output_name(int node_index, int output) const {
  const FlatNode& of = node(node_index);
  if (of.spec->outputs.size() == 1) return of.path;
  return text(of.path, '.', of.spec->outputs[static_cast<size_t>(output)].name);
}

const Goal* GoalGraph::goal_of(int node_index) const {
  const auto found = std::find_if(goals.begin(), goals.end(), [&](const Goal& one) { return one.node == node_index; });
  return found == goals.end() ? nullptr : &*found;
}

int GoalGraph::find_goal(NodeRole role, std::string_view name) const {
  const auto found =
      std::find_if(goals.begin(), goals.end(), [&](const Goal& one) { return one.role == role && one.name == name; });
  return found == goals.end() ? -1 : found->node;
}

int GoalGraph::find_loss(const Update& update, const LossTerm& loss) const {
  const auto found = std::find_if(goals.begin(), goals.end(), [&](const Goal& one) {
    return one.role == NodeRole::Loss && one.update == &update - updates.data() &&
           one.loss == &loss - update.losses.data();
  });
  return found == goals.end() ? -1 : found->node;
}

}  // namespace weft::graph
