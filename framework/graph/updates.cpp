#include "framework/graph/updates.h"

#include "framework/base/text.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>

namespace weft::graph {
namespace {

/// The nodes that a loss may send gradients to, through windows and delays too.
std::set<int> nodes_reached(const Plan& plan, const Update& update) {
  const GoalGraph& graph = plan.graph;
  std::set<int> planned, reached;
  std::set<int> seen_streams;
  for (const Step& step : plan.steps) planned.insert(step.node);
  const std::function<void(const FlatTerm&)> follow = [&](const FlatTerm& term) {
    if (term.source == FlatTerm::Source::Stream && seen_streams.insert(term.index).second) {
      for (const FlatTerm& inner : graph.streams[static_cast<size_t>(term.index)].definition.terms) follow(inner);
    }
    if (term.source != FlatTerm::Source::Output || !planned.contains(term.index) || !reached.insert(term.index).second)
      return;
    const FlatNode& node = graph.nodes[static_cast<size_t>(term.index)];
    if (node.spec->stops_gradients) return;
    for (const FlatInput& input : node.inputs) {
      for (const FlatExpression& source : input.sources) {
        for (const FlatTerm& inner : source.terms) follow(inner);
      }
    }
  };
  for (const LossTerm& loss : update.losses) {
    if (loss.weight != 0) follow(loss.term);
  }
  return reached;
}

/// Reports losses that are no scalars (E604).
void check_losses(const Plan& plan, const Update& update, Diagnostics& diagnostics) {
  for (const LossTerm& loss : update.losses) {
    const ValueType* type = plan.typing.type_of(loss.term);
    if (!type || !type->kind || *type->kind == Kind::Scalar) continue;
    diagnostics.error(
        "E604", loss.place,
        text("[update.", update.name, "]: a loss is a scalar, but ", loss.text, " is ", plan.typing.describe(*type)));
  }
}

/// Reports a stream that the best checkpoint is to be chosen by and that is no scalar (E604).
void check_best(const Plan& plan, Diagnostics& diagnostics) {
  const std::optional<BestBy>& best = plan.graph.run.best;
  const int goal = best ? plan.graph.find_goal(NodeRole::Watched, best->name) : -1;
  if (goal < 0) return;
  const ValueType* type = plan.typing.type_of(plan.graph.node(goal).inputs.front().sources.front().terms.front());
  if (!type || !type->kind || *type->kind == Kind::Scalar) return;
  diagnostics.error("E604", best->place,
                    text("[run]: `best` is chosen by a scalar, but ", best->name, " is ", plan.typing.describe(*type)));
}

/// Reports a network that runs and that no loss of its update reaches (E603).
/// @param plan_of_losses  gives the plan without what [run] `show` and `best` name
void check_reached(const Plan& plan, const Update& update, int network, const std::set<int>& reached,
                   const std::function<const Plan&()>& plan_of_losses, Diagnostics& diagnostics) {
  const auto is_network = [&](int one) { return one == network || plan.graph.node(one).shares == network; };
  const auto runs_in = [&](const Plan& one) {
    return std::any_of(one.steps.begin(), one.steps.end(), [&](const Step& step) { return is_network(step.node); });
  };
  if (!runs_in(plan) || std::any_of(reached.begin(), reached.end(), is_network)) return;
  const std::string subject = text("\"", plan.graph.node(network).path, "\" is in [update.", update.name, "] and runs");
  if (runs_in(plan_of_losses())) {
    diagnostics.error("E603", update.place, text(subject, ", but none of its losses reaches it"),
                      "add a loss, remove the network from `of`, or look for a detach between it and the losses");
    return;
  }
  const std::string watched = watched_settings(plan.graph.run);
  diagnostics.error("E603", plan.graph.run.watched_place,
                    text(subject, " for [run] ", watched, " alone: no loss reaches it, so it does not learn"),
                    text("add a loss, or leave what it draws out of ", watched));
}

}  // namespace

const WeightSource* weights_of(const GoalGraph& graph, const FlatNode& node) {
  // The path that says most: the longest without its stars, then the one with fewer of them.
  const auto says = [](const WeightSource& source) {
    const auto stars = std::count(source.path.begin(), source.path.end(), '*');
    return std::pair(static_cast<std::ptrdiff_t>(source.path.size()) - stars, -stars);
  };
  const WeightSource* best = nullptr;
  for (const WeightSource& source : graph.weights) {
    const bool fits = path_matches(node.path, source.path) || path_matches(node.path, source.path + ".**");
    if (fits && (!best || says(source) > says(*best))) best = &source;
  }
  return best;
}

void check_updates(const Plan& plan, Diagnostics& diagnostics) {
  std::map<int, const Update*> owner;
  std::optional<Plan> of_losses;  // made once, and only where a network is not reached
  const auto plan_of_losses = [&]() -> const Plan& {
    if (!of_losses) of_losses.emplace(make_plan(plan.typed, losses_of(plan.graph), Command::Train));
    return *of_losses;
  };
  check_best(plan, diagnostics);
  for (const Update& update : plan.graph.updates) {
    check_losses(plan, update, diagnostics);
    const std::set<int> reached = nodes_reached(plan, update);
    for (const int network : std::set<int>(update.nodes.begin(), update.nodes.end())) {
      const auto [before, is_new] = owner.emplace(network, &update);
      if (is_new) {
        check_reached(plan, update, network, reached, plan_of_losses, diagnostics);
        continue;
      }
      diagnostics.error("E602", update.place,
                        text("\"", plan.graph.node(network).path, "\" is in [update.", before->second->name,
                             "] and in [update.", update.name, "]; a network learns from one update"));
    }
  }
}

void check_weights(const Plan& plan, Diagnostics& diagnostics) {
  for (const Step& step : plan.steps) {
    const FlatNode& node = plan.graph.nodes[static_cast<size_t>(step.node)];
    if (!node.spec->is_trainable || node.shares >= 0 || weights_of(plan.graph, node)) continue;
    // One cause, one message: the outermost part that has no weights.
    const std::string part = node.path.substr(0, node.path.find('.'));
    const bool is_node = std::any_of(plan.graph.nodes.begin(), plan.graph.nodes.end(),
                                     [&](const FlatNode& other) { return other.path == part; });
    const auto instance = std::find_if(plan.graph.instances.begin(), plan.graph.instances.end(),
                                       [&](const Instance& one) { return one.path == part; });
    const Place& place = is_node || instance == plan.graph.instances.end() ? node.place : instance->place;
    diagnostics.error(
        "E607", place, text("\"", part, "\" runs without weights"),
        text("write [weights] ", part, " = \"file\"; \"random\" for a network that is to learn, \"fill\" for tests"));
  }
}

}  // namespace weft::graph
