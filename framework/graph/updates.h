#pragma once

#include "framework/graph/diagnostics.h"
#include "framework/graph/plan.h"

namespace weft::graph {

/// Who learns from what (E602 to E604): losses are scalars, no node is in two updates, and every network of an update that
/// runs is reached by its losses.
void check_updates(const Plan& plan, Diagnostics& diagnostics);

/// Every network that runs has weights (E607).
void check_weights(const Plan& plan, Diagnostics& diagnostics);

/// The weights of a trainable node: the entry of [weights] whose path fits best, or nullptr.
const WeightSource* weights_of(const GoalGraph& graph, const FlatNode& node);

}  // namespace weft::graph
