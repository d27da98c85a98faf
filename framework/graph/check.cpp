#include "framework/graph/check.h"

#include "framework/base/text.h"
#include "framework/graph/flatten.h"
#include "framework/graph/updates.h"
#include "framework/graph/warnings.h"

#include <algorithm>

namespace weft::graph {
namespace {

/// Nodes of all stages, variants and grid points together: each is a graph that is checked.
constexpr size_t kMostNodes = 400'000;

bool has_writers(const FlatGraph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const FlatNode& node) { return node.spec->is_sink; });
}

/// Checks a file, and each configuration of it by itself.
class Checking {
 public:
  Checking(Library& library, const Document& document, const CheckOptions& options, const NodeCatalogue& catalogue)
      : library_(library), document_(document), options_(options), catalogue_(catalogue) {}

  /// Checks the graph with these overlays; leaves plans when all is well.
  Checked check_with(const std::vector<Overlay>& overlays, Diagnostics& diagnostics) const {
    Checked checked;
    const auto flat = flatten(library_, document_, overlays, options_.pushed, catalogue_, diagnostics);
    if (!flat) return checked;
    std::vector<std::string> wanted = options_.wanted;
    const bool is_part = wanted.empty() && !has_writers(*flat) && flat->updates.empty();
    if (is_part) {
      for (const int output : flat->outputs) wanted.push_back(flat->streams[static_cast<size_t>(output)].path);
    }
    const auto typed = infer_types(add_goals(flat, wanted, options_.peeks, catalogue_, diagnostics), diagnostics);
    if (diagnostics.has_errors()) return checked;
    if (!plan_run(typed, checked, diagnostics) || !plan_training(typed, checked, diagnostics)) return checked;
    // Whether a part runs, and with what weights, is up to the graph that uses it.
    if (!is_part) check_plans(*typed->graph, checked, diagnostics);
    checked.typed = typed;
    return checked;
  }

  /// Checks a stage, variant or grid point. What is wrong without it too has been said.
  Checked check_configuration(const Configuration& configuration, const Diagnostics& base, bool has_stages,
                              Diagnostics& diagnostics) const {
    std::vector<Overlay> overlays = {configuration.overlay};
    overlays.insert(overlays.end(), options_.settings.begin(), options_.settings.end());
    Diagnostics faults;
    Checked own = check_with(overlays, faults);
    if (own.train && !has_stages) warn_of_what_never_runs(*own.train, {}, faults);
    if (faults.has_errors()) own.train.reset();
    Diagnostics fresh;
    for (const Diagnostic& one : faults.all()) {
      if (!base.contains(one)) fresh.add(one);
    }
    diagnostics.add_from(fresh, configuration.name);
    return own;
  }

 private:
  /// @returns false when nothing more can be checked
  static bool plan_run(const std::shared_ptr<const TypedGraph>& typed, Checked& checked, Diagnostics& diagnostics) {
    const GoalGraph& graph = *typed->graph;
    const std::vector<int> goals = goals_of(graph, Command::Run);
    if (goals.empty()) return true;
    checked.run.emplace(make_plan(typed, goals, Command::Run));
    if (keeps_too_much(*checked.run, diagnostics)) return false;
    const bool is_open = std::any_of(graph.streams.begin(), graph.streams.end(),
                                     [](const FlatStream& stream) { return stream.is_pushed; });
    if (checked.run->ends || is_open) return true;
    diagnostics.error("E502", graph.node(goals.front()).place,
                      "the run never ends: the written streams do not end with the sources", "write [run] frames = N");
    return true;
  }

  /// @returns false when nothing more can be checked
  static bool plan_training(const std::shared_ptr<const TypedGraph>& typed, Checked& checked,
                            Diagnostics& diagnostics) {
    const GoalGraph& graph = *typed->graph;
    if (graph.updates.empty()) return true;
    checked.train.emplace(make_plan(typed, Command::Train));
    if (keeps_too_much(*checked.train, diagnostics)) return false;
    if (!checked.train->ends && !graph.run.steps) {
      const bool losses_end = make_plan(typed, losses_of(graph), Command::Train).ends;
      const std::string named = losses_end ? text("what [run] ", watched_settings(graph.run), " names does")
                                           : std::string("the inputs of the losses do");
      diagnostics.error("E502", losses_end ? graph.run.watched_place : graph.updates.front().place,
                        text("a clip never ends: ", named, " not end with the sources"),
                        "write [run] frames = N, for each clip, or steps = N, for all of training");
    }
    check_updates(*checked.train, diagnostics);
    return true;
  }

  static void check_plans(const GoalGraph& graph, const Checked& checked, Diagnostics& diagnostics) {
    std::vector<const Plan*> plans;
    for (const std::optional<Plan>* plan : {&checked.run, &checked.train}) {
      if (*plan) plans.push_back(&**plan);
    }
    for (const Plan* plan : plans) check_weights(*plan, diagnostics);
    if (checked.run) warn_of_what_never_runs(*checked.run, {}, diagnostics);
    if (!plans.empty()) warn_of_what_is_unused(graph, plans, diagnostics);
  }

  Library& library_;
  const Document& document_;
  const CheckOptions& options_;
  const NodeCatalogue& catalogue_;
};

/// Checks a document with its stages, variants and grid points.
class DocumentCheck {
 public:
  DocumentCheck(Library& library, const Document& document, const CheckOptions& options, const NodeCatalogue& catalogue)
      : library_(library),
        document_(document),
        options_(options),
        catalogue_(catalogue),
        checking_(library, document, options, catalogue) {}

  Checked check(Diagnostics& diagnostics) const {
    Diagnostics base;
    Checked checked = checking_.check_with(options_.settings, base);
    checked.resolved = document_.root;
    std::vector<Configuration> configurations =
        read_configurations(document_.root, options_.with_stages, options_.with_variants, base);
    if (options_.with_variants) check_measures(document_.root, base);
    if (checked.typed && configurations.size() * checked.graph().nodes.size() > kMostNodes) {
      base.error("E110", document_.root.place,
                 text("the file has ", configurations.size(), " stages, variants and grid points of ",
                      checked.graph().nodes.size(), " nodes, more than ", kMostNodes, " nodes in all"));
      configurations.clear();
    }
    check_configurations(configurations, base, checked, diagnostics);
    if (diagnostics.has_errors()) {
      checked.run.reset();
      checked.train.reset();
      checked.stages.clear();
    } else if (checked.train && checked.stages.empty()) {
      checked.stages.push_back({{"", checked.train->graph.run.epochs.value_or(1), {}, false}, *checked.train});
    }
    return checked;
  }

 private:
  void check_configurations(const std::vector<Configuration>& configurations, Diagnostics& base, Checked& checked,
                            Diagnostics& diagnostics) const {
    const bool has_stages = std::any_of(configurations.begin(), configurations.end(),
                                        [](const Configuration& one) { return one.stage.has_value(); });
    if (checked.train && !has_stages) warn_of_what_never_runs(*checked.train, {}, base);
    diagnostics.add_from(base, "");
    for (const Configuration& configuration : configurations) {
      checked.configurations.push_back(configuration.name);
      if (configuration.base) {
        check_elsewhere(configuration, diagnostics);
        continue;
      }
      Checked own = checking_.check_configuration(configuration, base, has_stages, diagnostics);
      if (configuration.stage && own.train) checked.stages.push_back({*configuration.stage, std::move(*own.train)});
    }
    if (checked.stages.empty()) return;
    // A stage may well run what the others do not.
    std::vector<const Plan*> plans;
    for (const Stage& stage : checked.stages) plans.push_back(&stage.plan);
    warn_of_what_never_runs(*plans.front(), plans, diagnostics);
  }

  /// A variant of another file.
  void check_elsewhere(const Configuration& variant, Diagnostics& diagnostics) const {
    Diagnostics faults;
    try {
      CheckOptions options = options_;
      options.with_variants = false;
      options.settings.insert(options.settings.begin(), variant.overlay);
      DocumentCheck(library_, library_.load_base(*variant.base), options, catalogue_).check(faults);
    } catch (const GraphError& error) {
      faults.add(error);
    }
    diagnostics.add_from(faults, variant.name);
  }

  Library& library_;
  const Document& document_;
  const CheckOptions& options_;
  const NodeCatalogue& catalogue_;
  Checking checking_;
};

}  // namespace

Checked check(const std::string& file, const CheckOptions& options, const NodeCatalogue& catalogue,
              Diagnostics& diagnostics) {
  Library library;
  const Document* document = nullptr;
  CheckOptions laid = options;
  try {
    document = &library.load(file);
    if (!options.variant.empty()) {
      const Configuration variant = variant_of(document->root, options.variant);
      laid.settings.insert(laid.settings.begin(), variant.overlay);
      laid.with_variants = false;
      if (variant.base) document = &library.load_base(*variant.base);
    }
  } catch (const GraphError& error) {
    diagnostics.add(error);
    return {};
  }
  Checked checked = DocumentCheck(library, *document, laid, catalogue).check(diagnostics);
  warn_of_settings_without_effect(*document, options.settings, diagnostics);
  diagnostics.sort();
  checked.files = library.files();
  return checked;
}

}  // namespace weft::graph
