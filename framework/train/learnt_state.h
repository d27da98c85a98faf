#pragma once

#include "framework/base/log.h"
#include "framework/node/factory.h"
#include "framework/run/nodes.h"
#include "framework/run/weights.h"
#include "framework/train/update.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace weft::train {

/// What training changes: the networks of a plan with their weights, and the updates with their optimisers.
class LearntState {
 public:
  /// Makes the nodes, loads the weights, prepares the updates.
  /// @param plan  must outlive the object
  /// @throws Error  when nodes or weights cannot be made
  LearntState(const graph::Plan& plan, const NodeFactory& factory, at::Device device, Log& log);

  const std::vector<Node*>& nodes() const { return nodes_.all(); }
  const std::vector<std::unique_ptr<Update>>& updates() const { return updates_; }

  /// Networks and updates as named tensors.
  Archive::Entries save() const;
  /// Restores networks and updates from named tensors, if names and shapes agree.
  /// @returns the tensors that were not restored, each with the reason
  std::vector<std::string> load(const Archive::Entries& entries);
  /// What of a checkpoint does not fit, a line each: networks and updates by names, shapes, types and counts. Entries whose
  /// names begin with `ignored` are of no concern.
  std::vector<std::string> differences(const Archive::Entries& entries, int64_t step, std::string_view ignored) const;
  /// The first tensor whose numbers are not all finite; empty when all are.
  std::string first_not_finite() const;
  /// The networks of each line of [weights] that are trained, or were trained in an earlier stage: the path and its
  /// tensors, with moving averages instead of parameters where an update has them.
  std::map<std::string, std::vector<std::pair<std::string, at::Tensor>>> trained_weights() const;

 private:
  void load_networks(const NodeFactory& factory, Log& log);
  bool is_network(size_t node) const;
  bool is_kept(size_t node) const;
  void add_learnt_before(const Archive::Entries& found, Archive::Entries& wanted) const;
  void take(size_t node, nn::Parameter& parameter, const at::Tensor& value, bool was_kept);

  const graph::Plan& plan_;
  at::Device device_;
  run::Nodes nodes_;
  std::vector<run::WeightGroup> weights_;
  std::vector<std::unique_ptr<Update>> updates_;
  std::set<size_t> learnt_before_;  ///< networks from files that an earlier stage has changed
};

}  // namespace weft::train
