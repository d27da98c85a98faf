#include "framework/graph/updates.h"

#include "framework/base/text.h"
#include "framework/graph/check.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace weft::graph {
namespace {

/// The nodes that a loss may send gradients to, through windows and delays too.
std::set<int> nodes_reached(const Plan& plan, const Update& update) {
  const FlatGraph& graph = plan.graph;
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

const ValueType* type_of(const Plan& plan, const FlatTerm& term) {
  if (term.source == FlatTerm::Source::Output)
    return &plan.typing.outputs[static_cast<size_t>(term.index)][static_cast<size_t>(term.output)];
  if (term.source == FlatTerm::Source::Stream) return &plan.typing.streams[static_cast<size_t>(term.index)];
  return nullptr;
}

/// A goal that takes a value: a loss, or what is watched.
const NodeSpec& goal_spec(std::string_view type) {
  static const auto make = [](std::string_view of_type) {
    NodeSpec goal;
    goal.type = of_type;
    goal.about = "A value that training takes";
    goal.is_sink = true;
    goal.inputs.push_back(port_or_throw("value", "any[...]", PortSpec::Arity::One));
    return goal;
  };
  static const NodeSpec loss = make(kLossType), watch = make(kWatchType);
  return type == kLossType ? loss : watch;
}

/// Adds a goal for a term, if it stands for anything. @returns its node, or -1
int add_goal(FlatGraph& graph, Typing& typing, std::string path, std::string_view type, const FlatTerm& term) {
  const bool is_output = term.source == FlatTerm::Source::Output;
  if (!is_output && term.source != FlatTerm::Source::Stream) return -1;
  FlatNode goal;
  goal.path = std::move(path);
  goal.place = goal.use_place = term.place;
  goal.spec = &goal_spec(type);
  FlatExpression expression;
  expression.text = term.text;
  expression.place = term.place;
  expression.terms = {term};
  goal.inputs.push_back({{expression}, term.place});
  graph.nodes.push_back(std::move(goal));
  const auto index = static_cast<size_t>(term.index);
  typing.inputs.push_back(
      {{is_output ? typing.outputs[index][static_cast<size_t>(term.output)] : typing.streams[index]}});
  typing.outputs.emplace_back();
  typing.shapes.emplace_back();
  return static_cast<int>(graph.nodes.size()) - 1;
}

}  // namespace

std::string loss_path(const Update& update, const LossTerm& loss) {
  return text("loss of ", update.name, ": ", loss.text);
}

std::string watched_path(const std::string& name) {
  return text("watched ", name);
}

Plan make_train_plan(FlatGraph graph, Typing typing, const std::vector<Watched>& watched) {
  std::vector<int> goals;
  const auto add = [&](std::string path, std::string_view type, const FlatTerm& term) {
    const int goal = add_goal(graph, typing, std::move(path), type, term);
    if (goal >= 0) goals.push_back(goal);
  };
  for (const Update& update : graph.updates) {
    for (const LossTerm& loss : update.losses) {
      if (loss.weight != 0) add(loss_path(update, loss), kLossType, loss.term);
    }
  }
  for (const Watched& one : watched) add(watched_path(one.name), kWatchType, one.term);
  return make_plan(std::move(graph), std::move(typing), goals, Command::Train);
}

void check_updates(const Plan& plan, Diagnostics& diagnostics) {
  std::map<int, const Update*> owner;
  for (const Update& update : plan.graph.updates) {
    for (const LossTerm& loss : update.losses) {
      const ValueType* type = type_of(plan, loss.term);
      if (type && type->kind && *type->kind != Kind::Scalar) {
        diagnostics.error("E604", loss.place,
                          text("[update.", update.name, "]: a loss is a scalar, but ", loss.text, " is ",
                               plan.typing.describe(*type)));
      }
    }
    const std::set<int> reached = nodes_reached(plan, update);
    const std::set<int> own(update.nodes.begin(), update.nodes.end());
    for (const int index : own) {
      const FlatNode& node = plan.graph.nodes[static_cast<size_t>(index)];
      const auto [before, is_new] = owner.emplace(index, &update);
      if (!is_new) {
        diagnostics.error("E602", update.place,
                          text("\"", node.path, "\" is in [update.", before->second->name, "] and in [update.",
                               update.name, "]; a network learns from one update"));
        continue;
      }
      const bool runs = std::any_of(plan.steps.begin(), plan.steps.end(), [&](const Step& step) {
        const FlatNode& other = plan.graph.nodes[static_cast<size_t>(step.node)];
        return step.node == index || other.shares == index;
      });
      const bool is_reached = std::any_of(reached.begin(), reached.end(), [&](int one) {
        return one == index || plan.graph.nodes[static_cast<size_t>(one)].shares == index;
      });
      if (runs && !is_reached) {
        diagnostics.error(
            "E603", update.place,
            text("\"", node.path, "\" is in [update.", update.name, "] and runs, but none of its losses reaches it"),
            "add a loss, remove the network from `of`, or look for a detach between it and the losses");
      }
    }
  }
}

void check_weights(const Plan& plan, Diagnostics& diagnostics) {
  for (const Step& step : plan.steps) {
    const FlatNode& node = plan.graph.nodes[static_cast<size_t>(step.node)];
    if (!node.spec->is_trainable || node.shares >= 0 || weights_of(plan.graph, node)) continue;
    // One cause, one message: the outermost part that has no weights.
    const std::string part = node.path.substr(0, node.path.find('.'));
    const int top = plan.graph.find_node(part);
    const auto instance = std::find_if(plan.graph.instances.begin(), plan.graph.instances.end(),
                                       [&](const Instance& one) { return one.path == part; });
    const Place& place = top >= 0 || instance == plan.graph.instances.end() ? node.place : instance->place;
    diagnostics.error(
        "E607", place, text("\"", part, "\" runs without weights"),
        text("write [weights] ", part, " = \"file\"; \"random\" for a network that is to learn, \"fill\" for tests"));
  }
}

}  // namespace weft::graph
