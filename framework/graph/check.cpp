#include "framework/graph/check.h"

#include "framework/base/text.h"
#include "framework/graph/cycles.h"
#include "framework/graph/flatten.h"
#include "framework/graph/settings.h"
#include "framework/graph/toml.h"
#include "framework/graph/updates.h"
#include "framework/spec/record.h"

#include <algorithm>
#include <set>

namespace weft::graph {
namespace {

/// Stages, variants and grid points of a file; each is checked as a graph of its own.
constexpr size_t kMostConfigurations = 1000;

/// Reports a thrown fault of reading files as the diagnostic it is: its message is "error E101: …".
void report(const Error& error, Diagnostics& diagnostics) {
  diagnostics.error(error.message().substr(6, 4), error.place(), error.message().substr(12), join(error.hints(), "; "));
}

/// A goal for a stream that a command wants: it takes values and does nothing.
const NodeSpec& wanted_spec() {
  static const NodeSpec spec = [] {
    NodeSpec wanted;
    wanted.type = kWantedType;
    wanted.about = "Gives the values of a stream to the program";
    wanted.is_sink = true;
    wanted.inputs.push_back(port_or_throw("value", "any[...]", PortSpec::Arity::One));
    return wanted;
  }();
  return spec;
}

/// Puts a source in the place of each input of the graph itself.
void add_pushed(FlatGraph& graph, const CheckOptions& options) {
  for (FlatStream& stream : graph.streams) {
    if (!stream.is_pushed) continue;
    const bool is_given = std::find(options.pushed.begin(), options.pushed.end(), stream.path) != options.pushed.end();
    if (stream.declared->arity == PortSpec::Arity::Optional && !is_given) continue;
    NodeSpec& spec = graph.own_specs->emplace_back();
    spec.type = kPushedType;
    spec.about = "A value that the program gives";
    spec.is_source = true;
    spec.outputs.push_back(*stream.declared);
    spec.outputs.front().name = "value";
    spec.outputs.front().arity = PortSpec::Arity::One;
    FlatNode node;
    node.path = stream.path;
    node.place = node.use_place = stream.place;
    node.spec = &spec;
    FlatTerm term;
    term.source = FlatTerm::Source::Output;
    term.index = static_cast<int>(graph.nodes.size());
    term.output = 0;
    term.place = stream.place;
    term.text = stream.path;
    stream.definition.terms = {term};
    stream.definition.text = stream.path;
    graph.nodes.push_back(std::move(node));
  }
}

/// What a path from the command line stands for: a stream, or an output of a node.
std::optional<FlatTerm> find_stream(const FlatGraph& graph, const std::string& path, Diagnostics& diagnostics,
                                    const Place& place = {}) {
  FlatTerm term;
  term.text = path;
  term.index = graph.find_stream(path);
  term.source = FlatTerm::Source::Stream;
  if (term.index >= 0) return term;
  const size_t dot = path.rfind('.');
  const int node = graph.find_node(path), owner = dot == std::string::npos ? -1 : graph.find_node(path.substr(0, dot));
  const PortSpec* output =
      owner >= 0 ? graph.nodes[static_cast<size_t>(owner)].spec->find_output(path.substr(dot + 1)) : nullptr;
  term.source = FlatTerm::Source::Output;
  term.index = output ? owner : node;
  term.output = output ? static_cast<int>(output - graph.nodes[static_cast<size_t>(owner)].spec->outputs.data()) : 0;
  if (term.index >= 0 && (output || graph.nodes[static_cast<size_t>(term.index)].spec->outputs.size() == 1))
    return term;
  diagnostics.error("E302", place, text("there is no stream or output \"", path, '"'), [&] {
    std::vector<std::string> known;
    for (const FlatStream& stream : graph.streams) known.push_back(stream.path);
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
      for (size_t j = 0; j < graph.nodes[i].spec->outputs.size(); ++j)
        known.push_back(graph.output_name(static_cast<int>(i), static_cast<int>(j)));
    }
    const std::string hint = did_you_mean(path, known);
    if (!hint.empty()) return hint;
    std::erase_if(known, [&](const std::string& one) { return !one.starts_with(path + '.'); });
    return known.empty() ? std::string("`weft plan` lists the slots") : text("there are ", quoted_list(known, "and"));
  });
  return {};
}

void add_wanted(FlatGraph& graph, const std::vector<std::string>& paths, Diagnostics& diagnostics) {
  for (const std::string& path : paths) {
    const auto term = find_stream(graph, path, diagnostics);
    if (!term) continue;
    FlatNode goal;
    goal.path = wanted_path(path);
    goal.spec = &wanted_spec();
    FlatExpression expression;
    expression.text = path;
    expression.terms = {*term};
    goal.inputs.push_back({{expression}, {}});
    graph.nodes.push_back(std::move(goal));
  }
}

/// The streams that [run] `show` and `best` name.
std::vector<Watched> watched_in(const FlatGraph& graph, Diagnostics& diagnostics) {
  std::vector<std::string> names = std::get<std::vector<std::string>>(graph.run.at("show"));
  const auto& best = std::get<std::string>(graph.run.at("best"));
  if (!best.empty()) {
    const std::vector<std::string> words = split(best, ' ');
    if (words.size() == 2 && (words[0] == "min" || words[0] == "max")) {
      names.push_back(words[1]);
    } else {
      diagnostics.error("E206", graph.run_places.at("best"),
                        "[run]: `best` must look like \"min flow_error\" or \"max psnr\"");
    }
  }
  const auto place = graph.run_places.find("show");
  std::vector<Watched> watched;
  for (const std::string& name : names) {
    const bool is_known =
        std::any_of(watched.begin(), watched.end(), [&](const Watched& one) { return one.name == name; });
    auto term = is_known
                    ? std::nullopt
                    : find_stream(graph, name, diagnostics, place == graph.run_places.end() ? Place() : place->second);
    if (term) watched.push_back({name, std::move(*term)});
  }
  return watched;
}

/// Adds a node that shows a stream, of a record the one that its type names, and one that writes it, beside what the graph's first writer writes.
void add_peek(FlatGraph& graph, const Peek& peek, const NodeCatalogue& catalogue, Diagnostics& diagnostics) {
  const auto term = find_stream(graph, peek.path, diagnostics);
  if (!term) return;
  Diagnostics unused;
  const Typing typing = infer_types(graph, unused);
  const ValueType& type = term->source == FlatTerm::Source::Stream
                              ? typing.streams[static_cast<size_t>(term->index)]
                              : typing.outputs[static_cast<size_t>(term->index)][static_cast<size_t>(term->output)];
  const bool has_own = type.kind && type.kind->record() && !type.kind->record()->show.empty();
  const std::string shows = has_own ? type.kind->record()->show : peek.show;
  const NodeSpec *show = catalogue.find(shows), *write = catalogue.find(peek.write);
  if (!show || !write)
    return diagnostics.error("E201", {}, text("to peek, the node types ", shows, " and ", peek.write, " are needed"));
  const auto writer = std::find_if(graph.nodes.begin(), graph.nodes.end(), [&](const FlatNode& node) {
    return node.spec == write && !node.path.starts_with("peek ");  // of the graph, not of another peek
  });
  ParamValues settings;
  std::string file = peek.path + ".mp4";
  if (writer != graph.nodes.end()) {
    settings = writer->params;
    const auto path = settings.find("path");
    const std::string beside = path == settings.end() ? "" : std::get<std::string>(path->second);
    const size_t dot = beside.rfind('.');
    if (dot != std::string::npos) file = text(beside.substr(0, dot), '.', peek.path, beside.substr(dot));
  }
  settings["path"] = ParamValue(file);
  const auto add = [&](const std::string& name, const NodeSpec* spec, FlatTerm from, ParamValues params) {
    FlatNode node;
    node.path = text(name, ' ', peek.path);
    node.spec = spec;
    node.params = std::move(params);
    FlatExpression expression;
    expression.text = from.text;
    expression.terms = {std::move(from)};
    node.inputs.resize(spec->inputs.size());
    node.inputs.front().sources.push_back(std::move(expression));
    graph.nodes.push_back(std::move(node));
  };
  ParamValues kind;
  if (!has_own) kind["kind"] = ParamValue(std::string(type.kind ? name_of(*type.kind) : "feature"));
  add("show", show, *term, std::move(kind));
  FlatTerm shown;
  shown.source = FlatTerm::Source::Output;
  shown.index = static_cast<int>(graph.nodes.size()) - 1;
  shown.output = 0;
  shown.text = peek.path;
  add("peek", write, shown, settings);
}

/// @param others  plans of the same nodes: what runs in one of them is no fault of this one
void warn_of_what_never_runs(const Plan& plan, const std::vector<Stage>& others, Diagnostics& diagnostics) {
  const auto never_runs = [](const Stage& stage, const std::string& path) {
    return std::any_of(stage.plan.never.begin(), stage.plan.never.end(), [&](const NeverRuns& one) {
      return stage.plan.graph.nodes[static_cast<size_t>(one.node)].path == path;
    });
  };
  const bool has_cause =
      std::any_of(plan.never.begin(), plan.never.end(), [](const NeverRuns& one) { return !one.reason.empty(); });
  for (const NeverRuns& one : plan.never) {
    const FlatNode& node = plan.graph.nodes[static_cast<size_t>(one.node)];
    if (!std::all_of(others.begin(), others.end(), [&](const Stage& stage) { return never_runs(stage, node.path); }))
      continue;
    std::string reason = one.reason;
    // A writer whose input never comes is reported only if no other node reports the cause.
    if (reason.empty() && node.spec->is_sink && !has_cause) reason = "nothing ever arrives at its input";
    if (!reason.empty()) diagnostics.warn("W301", node.place, text("node \"", node.path, "\" never runs: ", reason));
  }
}

void warn_of_what_is_unused(const FlatGraph& graph, const std::vector<const Plan*>& plans, Diagnostics& diagnostics) {
  std::set<std::string> used;
  for (const Plan* plan : plans) {
    for (const int node : plan->reachable) used.insert(plan->graph.nodes[static_cast<size_t>(node)].path);
  }
  for (const FlatNode& node : graph.nodes) {
    // Parts of other files may well give more than is asked of them.
    if (node.path.find('.') != std::string::npos || used.contains(node.path)) continue;
    diagnostics.warn("W302", node.place, text("node \"", node.path, "\" is not used: no writer or loss needs it"));
  }
}

/// Whether the delays of a plan add up to more frames than it may keep, which is reported at the longest of them.
bool keeps_too_much(const Plan& plan, Diagnostics& diagnostics) {
  if (plan.kept <= kMostKept) return false;
  const auto longest = std::max_element(plan.slots.begin(), plan.slots.end(),
                                        [](const Slot& a, const Slot& b) { return a.length < b.length; });
  const Step& step = plan.steps[static_cast<size_t>(longest->step)];
  diagnostics.error("E504", plan.graph.nodes[static_cast<size_t>(step.node)].place,
                    text("the graph keeps ", plan.kept, " frames of its past, more than ", kMostKept, "; ",
                         longest->length, " are of \"", plan.graph.output_name(step.node, longest->output), '"'),
                    "shorten the delays and windows");
  return true;
}

/// Checks one configuration; leaves plans in `checked` when all is well.
void check_one(Library& library, const Document& document, const std::vector<Overlay>& overlays,
               const CheckOptions& options, const NodeCatalogue& catalogue, Diagnostics& diagnostics,
               Checked& checked) {
  FlatGraph graph = flatten(library, document, overlays, catalogue, diagnostics);
  // Names that mean two things would look like cycles and wrong kinds; so would a graph that is not whole.
  const bool has_bad_names = std::any_of(diagnostics.all().begin(), diagnostics.all().end(), [](const Diagnostic& one) {
    return one.code == "E108" || one.code == "E109" || one.code == "E110";
  });
  if (has_bad_names) return;
  check_cycles(graph, diagnostics);
  add_pushed(graph, options);
  std::vector<std::string> wanted_paths = options.wanted;
  const bool is_part = wanted_paths.empty() && run_goals(graph).empty() && graph.updates.empty();
  if (is_part) {
    for (const int output : graph.outputs) wanted_paths.push_back(graph.streams[static_cast<size_t>(output)].path);
  }
  add_wanted(graph, wanted_paths, diagnostics);
  for (const Peek& peek : options.peeks) add_peek(graph, peek, catalogue, diagnostics);
  const bool has_bad_cycle = std::any_of(diagnostics.all().begin(), diagnostics.all().end(),
                                         [](const Diagnostic& one) { return one.code == "E501"; });
  if (!has_bad_cycle) {
    hold_recurrent_streams(graph);
    hold_large_streams(graph);
  }
  Typing typing = infer_types(graph, diagnostics);
  if (diagnostics.has_errors()) return;
  const std::vector<int> goals = run_goals(graph);
  std::vector<const Plan*> plans;
  if (!goals.empty()) {
    checked.run = make_plan(graph, typing, goals, Command::Run);
    if (keeps_too_much(*checked.run, diagnostics)) return;
    plans.push_back(&*checked.run);
    const bool is_open = std::any_of(graph.streams.begin(), graph.streams.end(),
                                     [](const FlatStream& stream) { return stream.is_pushed; });
    if (!checked.run->ends && !is_open) {
      diagnostics.error("E502", graph.nodes[static_cast<size_t>(goals.front())].place,
                        "the run never ends: the written streams do not end with the sources",
                        "write [run] frames = N");
    }
  }
  if (!graph.updates.empty()) {
    checked.train = make_train_plan(graph, typing, watched_in(graph, diagnostics));
    if (diagnostics.has_errors() || keeps_too_much(*checked.train, diagnostics)) return;
    if (!checked.train->ends && !graph.run.contains("steps")) {
      diagnostics.error("E502", graph.updates.front().place,
                        "a clip never ends: the inputs of the losses do not end with the sources",
                        "write [run] frames = N, for each clip, or steps = N, for all of training");
    }
    plans.push_back(&*checked.train);
    check_updates(*checked.train, diagnostics);
  }
  for (const Plan* plan : plans) {
    if (is_part) continue;  // whether it runs, and with what weights, is up to the graph that uses it
    check_weights(*plan, diagnostics);
  }
  if (checked.run && !is_part) warn_of_what_never_runs(*checked.run, {}, diagnostics);
  if (!plans.empty() && !is_part) warn_of_what_is_unused(graph, plans, diagnostics);
  checked.graph = std::move(graph);
  checked.typing = std::move(typing);
}

/// A stage, variant or grid point with the overlay it lays on the file.
struct Configuration {
  std::string name;
  Overlay overlay;
  const Item* stage = nullptr;
};

void check_keys(const Item& table, const std::vector<std::string>& keys, const std::string& owner,
                Diagnostics& diagnostics) {
  for (const Item::Entry& entry : table.entries) {
    if (std::find(keys.begin(), keys.end(), entry.key) == keys.end()) {
      diagnostics.error("E105", entry.place, text(owner, " has no key `", entry.key, '`'),
                        [&] { return did_you_mean(entry.key, keys); });
    }
  }
}

void add_stages(const Item& root, std::vector<Configuration>& configurations, Diagnostics& diagnostics) {
  static const std::vector<std::string> keys = {"name", "about", "epochs",  "carry", "optimiser",
                                                "set",  "swap",  "without", "bypass"};
  const Item* stages = root.find("stage");
  if (!stages) return;
  if (!stages->is(Item::Type::Array))
    return diagnostics.error("E106", stages->place, "stages are written [[stage]], with two brackets");
  for (size_t i = 0; i < stages->items.size(); ++i) {
    const Item& stage = stages->items[i];
    const Item* name = stage.find("name");
    const std::string owner = name && name->is_text() ? text("stage \"", name->text, '"') : text("stage ", i + 1);
    if (!stage.is_table()) {
      diagnostics.error("E106", stage.place, "a stage must be a table");
      continue;
    }
    check_keys(stage, keys, owner, diagnostics);
    const Item* epochs = stage.find("epochs");
    if (!epochs || !epochs->is(Item::Type::Integer) || epochs->integer < 1) {
      diagnostics.error("E106", epochs ? epochs->place : stage.place,
                        text(owner, " needs `epochs`, an integer from 1"));
    }
    const Item* optimiser = stage.find("optimiser");
    if (optimiser && !(optimiser->is_text() && (optimiser->text == "new" || optimiser->text == "keep"))) {
      diagnostics.error("E206", optimiser->place, text(owner, ": `optimiser` must be \"keep\" or \"new\""));
    }
    configurations.push_back({owner, read_overlay(owner, stage, diagnostics), &stage});
  }
}

Stage stage_of(const Configuration& configuration, Plan plan) {
  Stage stage;
  const Item& table = *configuration.stage;
  const Item *name = table.find("name"), *epochs = table.find("epochs"), *carry = table.find("carry");
  const Item* optimiser = table.find("optimiser");
  stage.name = name && name->is_text() ? name->text : configuration.name.substr(std::string_view("stage ").size());
  if (epochs) stage.epochs = epochs->integer;
  if (carry && carry->is_table()) {
    for (const Item::Entry& entry : carry->entries) stage.carry[entry.key] = entry.value.text;
  }
  stage.has_new_optimiser = optimiser && optimiser->text == "new";
  stage.plan = std::move(plan);
  return stage;
}

void add_variants(const Item& root, std::vector<Configuration>& configurations, Diagnostics& diagnostics) {
  static const std::vector<std::string> keys = {"about", "set", "swap", "without", "bypass"};
  const Item* variants = root.find("variant");
  if (!variants) return;
  if (!variants->is_table()) return diagnostics.error("E106", variants->place, "variants are written [variant.NAME]");
  for (const auto& [name, place, variant] : variants->entries) {
    const std::string owner = text("variant ", name);
    if (!variant.is_table()) {
      diagnostics.error("E106", variant.place, text(owner, " must be a table"));
      continue;
    }
    check_keys(variant, keys, owner, diagnostics);
    configurations.push_back({owner, read_overlay(owner, variant, diagnostics), nullptr});
  }
}

void add_grid(const Item& root, std::vector<Configuration>& configurations, Diagnostics& diagnostics) {
  const Item* grid = root.find("grid");
  if (!grid) return;
  if (!grid->is_table()) return diagnostics.error("E106", grid->place, "[grid] must be a table of paths and lists");
  for (const auto& [path, place, values] : grid->entries) {
    if (!values.is(Item::Type::Array) || values.items.empty()) {
      diagnostics.error("E106", values.place,
                        text("[grid] \"", path, "\" must be a list of values, not ", values.describe()));
      continue;
    }
    for (const Item& value : values.items) {
      const std::string name = text("grid point ", path, " = ", value.toml());
      configurations.push_back({name, make_setting(name, path, value), nullptr});
    }
  }
}

void check_carry(const Item& root, Diagnostics& diagnostics) {
  const Item* stages = root.find("stage");
  if (!stages || !stages->is(Item::Type::Array)) return;
  for (size_t i = 0; i < stages->items.size(); ++i) {
    const Item* carry = stages->items[i].find("carry");
    if (!carry) continue;
    const bool is_good =
        carry->is_table() && std::all_of(carry->entries.begin(), carry->entries.end(),
                                         [](const Item::Entry& entry) { return entry.value.is_text(); });
    if (!is_good)
      diagnostics.error(
          "E106", carry->place,
          "`carry` must be a table such as { \"F.coarse\" = \"F\" }: new path = path in the stage before");
    if (is_good && i == 0) diagnostics.error("E106", carry->place, "the first stage has nothing to carry from");
  }
}

void check_lists(const Item& root, Diagnostics& diagnostics) {
  const auto check_list = [&](const char* key, Item::Type type, const char* what) {
    const Item* list = root.find(key);
    if (!list) return;
    const bool is_good = list->is(Item::Type::Array) && std::all_of(list->items.begin(), list->items.end(),
                                                                    [&](const Item& item) { return item.is(type); });
    if (!is_good) diagnostics.error("E106", list->place, text('`', key, "` must be a list of ", what));
  };
  check_list("seeds", Item::Type::Integer, "integers");
  check_list("report", Item::Type::Text, "texts");
}

}  // namespace

std::string wanted_path(const std::string& path) {
  return text("output ", path);
}

const WeightSource* weights_of(const FlatGraph& graph, const FlatNode& node) {
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

Checked check(const std::string& file, const CheckOptions& options, const NodeCatalogue& catalogue,
              Diagnostics& diagnostics) {
  Checked checked;
  Library library;
  const Document* document = nullptr;
  try {
    document = &library.load(file);
  } catch (const Error& error) {
    report(error, diagnostics);
    return checked;
  }
  checked.resolved = document->root;
  Diagnostics base;
  check_one(library, *document, options.settings, options, catalogue, base, checked);
  std::vector<Configuration> configurations;
  if (options.with_stages) {
    add_stages(document->root, configurations, base);
    check_carry(document->root, base);
  }
  if (options.with_variants) {
    add_variants(document->root, configurations, base);
    add_grid(document->root, configurations, base);
    check_lists(document->root, base);
  }
  if (configurations.size() > kMostConfigurations) {
    base.error("E110", document->root.place,
               text("the file has ", configurations.size(), " stages, variants and grid points, more than ",
                    kMostConfigurations));
    configurations.clear();
  }
  const bool has_stages = std::any_of(configurations.begin(), configurations.end(),
                                      [](const Configuration& configuration) { return configuration.stage; });
  if (checked.train && !has_stages) warn_of_what_never_runs(*checked.train, {}, base);
  diagnostics.add_from(base, "");
  for (const Configuration& configuration : configurations) {
    checked.configurations.push_back(configuration.name);
    std::vector<Overlay> overlays = {configuration.overlay};
    overlays.insert(overlays.end(), options.settings.begin(), options.settings.end());
    Diagnostics faults;
    Checked own;
    check_one(library, *document, overlays, options, catalogue, faults, own);
    if (own.train && !has_stages) warn_of_what_never_runs(*own.train, {}, faults);
    if (configuration.stage && own.train && !faults.has_errors())
      checked.stages.push_back(stage_of(configuration, std::move(*own.train)));
    // What is wrong without the overlay too has been said.
    Diagnostics fresh;
    for (const Diagnostic& one : faults.all()) {
      if (!base.contains(one)) fresh.add(one);
    }
    diagnostics.add_from(fresh, configuration.name);
  }
  // A stage may well run what the others do not.
  if (!checked.stages.empty()) warn_of_what_never_runs(checked.stages.front().plan, checked.stages, diagnostics);
  diagnostics.sort();
  checked.files = library.files();
  if (diagnostics.has_errors()) {
    checked.run.reset();
    checked.train.reset();
    checked.stages.clear();
  } else if (checked.train && checked.stages.empty()) {
    const int64_t epochs = checked.train->graph.run_integer("epochs", 1);
    checked.stages.push_back({"", epochs, {}, false, *checked.train});
  }
  return checked;
}

}  // namespace weft::graph
