#include "framework/graph/goals.h"

#include "framework/base/text.h"
#include "framework/graph/typing.h"
#include "framework/spec/record.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace weft::graph {
namespace {

/// The spec of goals of a role: it takes a value and does nothing.
const NodeSpec& goal_spec(NodeRole role) {
  static const auto make = [](const char* type, const char* about) {
    NodeSpec goal;
    goal.type = type;
    goal.about = about;
    goal.is_sink = true;
    goal.inputs.push_back(port_or_throw("value", "any[...]", PortSpec::Arity::One));
    return goal;
  };
  static const NodeSpec wanted = make("weft.wanted", "Gives the values of a stream to the program");
  static const NodeSpec loss = make("weft.loss", "A value that training takes");
  static const NodeSpec watched = make("weft.watch", "A value that training takes");
  return role == NodeRole::Wanted ? wanted : role == NodeRole::Loss ? loss : watched;
}

/// Indexes by path; of several the last: an output of a part, whose name a graph reads, comes after inputs and streams within.
using Paths = std::map<std::string_view, int>;

template <typename Items>
Paths paths_of(const Items& items) {
  Paths paths;
  for (size_t i = 0; i < items.size(); ++i) paths.insert_or_assign(items[i].path, static_cast<int>(i));
  return paths;
}

int index_of(const Paths& paths, std::string_view path) {
  const auto found = paths.find(path);
  return found == paths.end() ? -1 : found->second;
}

/// Collects the goals of a graph.
class Goals {
 public:
  Goals(const std::shared_ptr<const FlatGraph>& flat, Diagnostics& diagnostics)
      : flat_(flat),
        graph_(*flat),
        diagnostics_(diagnostics),
        nodes_(paths_of(flat->nodes)),
        streams_(paths_of(flat->streams)) {
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (graph_.nodes[i].spec->is_sink)
        goals_.push_back({NodeRole::Plugin, static_cast<int>(i), graph_.nodes[i].path, -1, -1});
    }
  }

  void add_wanted(const std::string& path) {
    const auto term = find(path, {});
    if (term) add({NodeRole::Wanted, -1, path, -1, -1}, text("output ", path), *term);
  }

  void add_losses() {
    for (size_t update = 0; update < graph_.updates.size(); ++update) {
      const std::vector<LossTerm>& losses = graph_.updates[update].losses;
      for (size_t loss = 0; loss < losses.size(); ++loss) {
        if (losses[loss].weight == 0) continue;
        add({NodeRole::Loss, -1, losses[loss].text, static_cast<int>(update), static_cast<int>(loss)},
            text("loss of ", graph_.updates[update].name, ": ", losses[loss].text), losses[loss].term);
      }
    }
  }

  /// The streams that [run] `show` and `best` name.
  void add_watched() {
    std::set<std::string> known;
    const auto watch = [&](const std::string& name, const Place& place) {
      const auto term = known.insert(name).second ? find(name, place) : std::nullopt;
      if (term) add({NodeRole::Watched, -1, name, -1, -1}, text("watched ", name), *term);
    };
    for (const std::string& name : graph_.run.show) watch(name, graph_.run.watched_place);
    if (graph_.run.best) watch(graph_.run.best->name, graph_.run.best->place);
  }

  /// Adds a node that shows a stream and one that writes it, beside what the graph's first writer writes.
  /// @param types  of all nodes and streams of the flat graph
  void add_peek(const Peek& peek, const Typing& types, const NodeCatalogue& catalogue) {
    const auto term = find(peek.path, {});
    if (!term) return;
    const ValueType& type = *types.type_of(*term);
    const bool has_own = type.kind && type.kind->record() && !type.kind->record()->show.empty();
    const std::string shows = has_own ? type.kind->record()->show : peek.show;
    const NodeSpec *show = catalogue.find(shows), *write = catalogue.find(peek.write);
    if (!show || !write)
      return diagnostics_.error("E201", {},
                                text("to peek, the node types ", shows, " and ", peek.write, " are needed"));
    ParamValues kind;
    if (!has_own) kind["kind"] = ParamValue(std::string(type.kind ? name_of(*type.kind) : "feature"));
    const int shown = add_node(text("show ", peek.path), show, *term, std::move(kind));
    const FlatTerm image = term_of_node(static_cast<size_t>(shown), {}, peek.path);
    const int written = add_node(text("peek ", peek.path), write, image, settings_beside(peek, write));
    goals_.push_back({NodeRole::Plugin, written, peek.path, -1, -1});
  }

  std::shared_ptr<const GoalGraph> finish() {
    return std::make_shared<const GoalGraph>(flat_, std::move(added_), std::move(goals_));
  }

 private:
  /// What a path stands for: a stream, or an output of a node.
  std::optional<FlatTerm> find(const std::string& path, const Place& place) {
    FlatTerm term;
    term.text = path;
    term.index = index_of(streams_, path);
    term.source = FlatTerm::Source::Stream;
    if (term.index >= 0) return term;
    const size_t dot = path.rfind('.');
    const int node = index_of(nodes_, path);
    const int owner = dot == std::string::npos ? -1 : index_of(nodes_, path.substr(0, dot));
    const PortSpec* output = owner >= 0 ? spec_of(owner).find_output(path.substr(dot + 1)) : nullptr;
    term.source = FlatTerm::Source::Output;
    term.index = output ? owner : node;
    term.output = output ? static_cast<int>(output - spec_of(owner).outputs.data()) : 0;
    if (term.index >= 0 && (output || spec_of(term.index).outputs.size() == 1)) return term;
    diagnostics_.error("E302", place, text("there is no stream or output \"", path, '"'), [&] { return near(path); });
    return {};
  }

  const NodeSpec& spec_of(int node) const { return *graph_.nodes[static_cast<size_t>(node)].spec; }

  /// The stream or output that was meant, or what there is beneath a path.
  std::string near(const std::string& path) const {
    std::vector<std::string> known;
    for (const FlatStream& stream : graph_.streams) known.push_back(stream.path);
    for (const FlatNode& node : graph_.nodes) {
      const std::vector<PortSpec>& outputs = node.spec->outputs;
      for (const PortSpec& output : outputs)
        known.push_back(outputs.size() == 1 ? node.path : text(node.path, '.', output.name));
    }
    const std::string hint = did_you_mean(path, known);
    if (!hint.empty()) return hint;
    std::erase_if(known, [&](const std::string& one) { return !one.starts_with(path + '.'); });
    std::sort(known.begin(), known.end());  // an output of a part may be a stream in it
    known.erase(std::unique(known.begin(), known.end()), known.end());
    return known.empty() ? std::string("`weft plan` lists the slots") : text("there are ", quoted_list(known, "and"));
  }

  void add(Goal goal, std::string path, const FlatTerm& term) {
    if (term.source != FlatTerm::Source::Output && term.source != FlatTerm::Source::Stream) return;
    goal.node = add_node(std::move(path), &goal_spec(goal.role), term, {});
    added_.back().role = goal.role;
    goals_.push_back(std::move(goal));
  }

  /// @returns the index of the new node
  int add_node(std::string path, const NodeSpec* spec, const FlatTerm& reads, ParamValues params) {
    FlatNode node;
    node.path = std::move(path);
    node.place = node.use_place = reads.place;
    node.spec = spec;
    node.params = std::move(params);
    FlatExpression expression;
    expression.text = reads.text;
    expression.place = reads.place;
    expression.terms = {reads};
    node.inputs.resize(spec->inputs.size());
    node.inputs.front() = {{expression}, reads.place};
    added_.push_back(std::move(node));
    return static_cast<int>(graph_.nodes.size() + added_.size()) - 1;
  }

  /// The `path` of a node that writes files; empty where there is none.
  static std::string path_of(const FlatNode& node) {
    const auto path = node.params.find("path");
    const auto* words = path == node.params.end() ? nullptr : std::get_if<std::string>(&path->second);
    return node.spec->is_sink && words ? *words : "";
  }

  /// The settings of the graph's first writer of this type, with the path of the peek beside its path; where there is none
  /// of this type, beside the path of another writer.
  ParamValues settings_beside(const Peek& peek, const NodeSpec* write) const {
    const auto writer = std::find_if(graph_.nodes.begin(), graph_.nodes.end(),
                                     [&](const FlatNode& node) { return node.spec == write; });
    ParamValues settings;
    std::string file = peek.path + ".mp4";
    if (writer == graph_.nodes.end()) {
      const auto other = std::find_if(graph_.nodes.begin(), graph_.nodes.end(),
                                      [](const FlatNode& node) { return !path_of(node).empty(); });
      std::string beside = other == graph_.nodes.end() ? "" : path_of(*other);
      while (beside.size() > 1 && beside.back() == '/') beside.pop_back();
      if (!beside.empty()) file = text(beside, beside.back() == '.' ? "/" : ".", file);
    } else {
      settings = writer->params;
      const std::string beside = path_of(*writer);
      const size_t dot = beside.rfind('.');
      if (dot != std::string::npos) file = text(beside.substr(0, dot), '.', peek.path, beside.substr(dot));
    }
    settings["path"] = ParamValue(file);
    return settings;
  }

  const std::shared_ptr<const FlatGraph>& flat_;
  const FlatGraph& graph_;
  Diagnostics& diagnostics_;
  Paths nodes_, streams_;
  std::deque<FlatNode> added_;
  std::vector<Goal> goals_;
};

}  // namespace

std::shared_ptr<const GoalGraph> add_goals(const std::shared_ptr<const FlatGraph>& flat,
                                           const std::vector<std::string>& wanted, const std::vector<Peek>& peeks,
                                           const NodeCatalogue& catalogue, Diagnostics& diagnostics) {
  Goals goals(flat, diagnostics);
  for (const std::string& path : wanted) goals.add_wanted(path);
  if (!peeks.empty()) {  // what shows a stream must know its kind
    Diagnostics unused;
    const auto typed = infer_types(Goals(flat, unused).finish(), unused);
    for (const Peek& peek : peeks) goals.add_peek(peek, typed->typing, catalogue);
  }
  if (!flat->updates.empty()) {
    goals.add_losses();
    if (!diagnostics.has_errors()) goals.add_watched();  // else a name may be missing for another fault
  }
  return goals.finish();
}

}  // namespace weft::graph
