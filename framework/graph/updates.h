#pragma once

#include "framework/graph/diagnostics.h"
#include "framework/graph/plan.h"

namespace weft::graph {

/// Who learns from what (E602 to E604, E609): losses are scalars, no node is in two updates, and every network of an
/// update that runs is reached by its losses.
void check_updates(const Plan& plan, Diagnostics& diagnostics);

/// A stream that training shows, or chooses its best checkpoint by.
struct Watched {
  std::string name;  ///< as the graph writes it
  FlatTerm term;
};

/// Makes the plan for training: its goals are the losses of all updates whose weight is not 0, each a node of type
/// kLossType at loss_path(), and what is watched, each a node of type kWatchType at watched_path().
Plan make_train_plan(FlatGraph graph, Typing typing, const std::vector<Watched>& watched);

/// The type of the nodes that stand for losses.
inline constexpr std::string_view kLossType = "weft.loss";
/// The path of the node that stands for a loss of an update.
std::string loss_path(const Update& update, const LossTerm& loss);
/// The path of the node that stands for a watched stream.
std::string watched_path(const std::string& name);

/// Every network that runs has weights (E607).
void check_weights(const Plan& plan, Diagnostics& diagnostics);

}  // namespace weft::graph
