#pragma once

#include "framework/base/log.h"
#include "framework/graph/check.h"
#include "framework/node/factory.h"
#include "framework/node/node.h"

#include <string>
#include <vector>

namespace weft::run {

/// One tensor that a network of a group loads from the weights.
struct WantedTensor {
  std::string key;
  nn::Parameter* parameter;
  const graph::FlatNode* node;
  bool is_needed = true;  ///< false: of a network that does not run, so the file may hold it or not
};

/// A network that gets its weights.
struct LoadedNetwork {
  nn::Module* module;
  const NodeSpec* spec;  ///< of its node
};

/// A line of [weights] with the networks that it fills.
struct WeightGroup {
  const graph::WeightSource* source = nullptr;
  std::vector<WantedTensor> tensors;
  std::vector<LoadedNetwork> networks;
};

/// Groups the networks of a plan by the lines of [weights] that fill them.
/// @param nodes  by node of the plan's graph, built; those of networks that do not run as far as their sizes are known
/// @throws Error  when two networks of a group need the same key of one file
std::vector<WeightGroup> group_weights(const graph::Plan& plan, const std::vector<Node*>& nodes);

/// Loads a group from its file, or initialises it as "random" or "fill". The keys of file and networks must be the same,
/// apart from the exceptions of the line.
/// @throws Error  that lists missing, unexpected and misshapen tensors
void load_weights(const WeightGroup& group, uint64_t seed, Log& log);
/// The number of tensors that are missing in a group's file, not known to its networks, or of another shape or type.
/// @throws Error  when there is no such file
size_t count_misfits(const WeightGroup& group);
/// As load_weights; the Error about a file that does not fit also names the graph beside `graph_file` that fits better.
void load_weights(const WeightGroup& group, uint64_t seed, Log& log, const std::string& graph_file,
                  const NodeFactory& factory);

}  // namespace weft::run
