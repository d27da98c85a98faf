#include "framework/graph/graph_text.h"

#include "framework/base/text.h"
#include "framework/graph/item.h"

#include <algorithm>
#include <filesystem>
#include <set>

namespace weft::graph {

std::string flat_name(std::string path) {
  for (size_t at = path.find('.'); at != std::string::npos; at = path.find('.', at)) path.replace(at, 1, "__");
  return path;
}

namespace {

std::string offset_text(int64_t offset) {
  return offset == 0 ? "t" : text("t", offset > 0 ? "+" : "", offset);
}

/// Writes what runs of a graph; what is never present is left out of expressions.
class Writer {
 public:
  explicit Writer(const Plan& plan) : plan_(plan), graph_(plan.graph) {
    for (const Step& step : plan.steps) running_.insert(step.node);
  }

  std::string write() {
    root_ = Item::table({});
    root_.set("format", Item::of_value(ParamValue(int64_t{1}), {}), {});
    root_.set("about", Item::of_text(graph_.instances.front().about, {}), {});
    write_run();
    write_inputs();
    write_nodes();
    write_streams();
    write_weights();
    write_updates();
    return document_text(root_);
  }

 private:
  Item& section(const std::string& name) {
    if (!root_.find(name)) root_.set(name, Item::table({}), {});
    return *root_.find(name);
  }

  void set(Item& table, const std::string& key, const ParamValue& value) {
    table.set(key, Item::of_value(value, {}), {});
  }

  bool is_present(const FlatTerm& term) const {
    if (term.source == FlatTerm::Source::Zeros) return true;
    if (term.source == FlatTerm::Source::Output) return running_.contains(term.index);
    return term.source == FlatTerm::Source::Stream &&
           is_present(graph_.streams[static_cast<size_t>(term.index)].definition);
  }
  bool is_present(const FlatExpression& expression) const {
    return std::any_of(expression.terms.begin(), expression.terms.end(), [&](const FlatTerm& term) {
      return term.source != FlatTerm::Source::Zeros && is_present(term);
    });
  }

  std::string text_of(const FlatTerm& term) {
    std::string name = "zeros";
    if (term.source == FlatTerm::Source::Output) {
      const FlatNode& node = graph_.nodes[static_cast<size_t>(term.index)];
      name = flat_name(node.path);
      if (node.spec->outputs.size() > 1) name += text('.', node.spec->outputs[static_cast<size_t>(term.output)].name);
    } else if (term.source == FlatTerm::Source::Stream) {
      used_streams_.insert(term.index);
      name = stream_name(term.index);
    }
    if (term.is_window) {
      name += text('[', offset_text(term.first), "..", offset_text(term.last),
                   term.step > 1 ? text(':', term.step) : "", ']');
    } else if (term.first != 0) {
      name += text('[', offset_text(term.first), ']');
    }
    return term.before ? text(name, " before ", *term.before) : name;
  }

  std::string text_of(const FlatExpression& expression) {
    std::vector<std::string> terms;
    for (const FlatTerm& term : expression.terms) {
      if (is_present(term)) terms.push_back(text_of(term));
    }
    return join(terms, " else ");
  }

  /// Nodes and streams share a namespace, but a part's output may be called like a node inside it.
  std::string stream_name(int index) const {
    const FlatStream& stream = graph_.streams[static_cast<size_t>(index)];
    const bool is_input = stream.is_pushed;
    return is_input ? stream.path
                    : text(flat_name(stream.path), stream.role == FlatStream::Role::Output ? "__out" : "__stream");
  }

  void write_run() {
    for (const auto& [key, value] : graph_.run.values) {
      if (key != "show") set(section("run"), key, value);
    }
    std::vector<std::string> shown;
    for (const std::string& path : graph_.run.show) {
      if (const std::string name = name_of_path(path); !name.empty()) shown.push_back(name);
    }
    set(section("run"), "show", shown);
  }

  /// A stream, node or output of a node; empty where it does not run.
  std::string name_of_path(const std::string& path) {
    for (size_t index = 0; index < graph_.streams.size(); ++index) {
      const FlatStream& stream = graph_.streams[index];
      if (stream.path != path || stream.is_pushed) continue;
      if (!is_present(stream.definition)) return {};
      used_streams_.insert(static_cast<int>(index));
      return stream_name(static_cast<int>(index));
    }
    for (const int index : running_) {
      const FlatNode& node = graph_.nodes[static_cast<size_t>(index)];
      if (node.path == path) return flat_name(path);
      if (path.starts_with(node.path + '.') && path.find('.', node.path.size() + 1) == std::string::npos)
        return text(flat_name(node.path), path.substr(node.path.size()));
    }
    return {};
  }

  void write_inputs() {
    for (const FlatStream& stream : graph_.streams) {
      if (stream.is_pushed)
        section("inputs").set(stream.path,
                              Item::of_text(text(stream.declared->declaration(),
                                                 stream.declared->arity == PortSpec::Arity::Optional ? "?" : ""),
                                            {}),
                              {});
    }
  }

  void write_nodes() {
    for (size_t index = 0; index < graph_.nodes.size(); ++index) {
      const FlatNode& node = graph_.nodes[index];
      if (!running_.contains(static_cast<int>(index)) || !node.is_of_plugin()) continue;
      Item table = Item::table({});
      if (node.shares >= 0) {
        table.set("share", Item::of_text(flat_name(graph_.nodes[static_cast<size_t>(node.shares)].path), {}), {});
      } else {
        table.set("use", Item::of_text(node.spec->type, {}), {});
        write_params(node, table);
      }
      if (node.every > 1) set(table, "every", node.every);
      if (node.multiple > 1) set(table, "multiple", node.multiple);
      if (node.folds_chunk) set(table, "fold", std::string("chunk"));
      if (node.recomputes) set(table, "recompute", true);
      write_wires(node, table);
      section("node").set(flat_name(node.path), std::move(table), {});
    }
  }

  void write_params(const FlatNode& node, Item& table) {
    for (const ParamSpec& spec : node.spec->params) {
      const auto given = node.params.find(spec.name);
      if (given == node.params.end() && !spec.default_value) continue;
      ParamValue value = given != node.params.end() ? given->second : *spec.default_value;
      auto* path = std::get_if<std::string>(&value);
      if (spec.type == ParamType::Path && path && !path->empty() && *path != "-")
        *path = std::filesystem::absolute(*path).lexically_normal();
      set(table, spec.name, value);
    }
  }

  void write_wires(const FlatNode& node, Item& table) {
    Item wires = Item::table({});
    for (size_t port = 0; port < node.inputs.size(); ++port) {
      const PortSpec& spec = node.spec->inputs[port];
      std::vector<std::string> sources;
      for (const FlatExpression& source : node.inputs[port].sources) {
        if (is_present(source)) sources.push_back(text_of(source));
      }
      if (sources.empty()) continue;
      set(wires, spec.name, spec.arity == PortSpec::Arity::Many ? ParamValue(sources) : ParamValue(sources.front()));
    }
    if (!wires.entries.empty()) table.set("in", std::move(wires), {});
  }

  void write_streams() {
    std::set<int> written;
    for (bool has_new = true; has_new;) {
      has_new = false;
      for (const int index : std::set<int>(used_streams_)) {
        const FlatStream& stream = graph_.streams[static_cast<size_t>(index)];
        if (stream.is_pushed || !written.insert(index).second) continue;
        has_new = true;
        section("stream").set(stream_name(index), Item::of_text(text_of(stream.definition), {}), {});
      }
    }
  }

  void write_weights() {
    for (const WeightSource& source : graph_.weights) {
      const bool is_node = std::any_of(graph_.nodes.begin(), graph_.nodes.end(),
                                       [&](const FlatNode& node) { return node.path == source.path; });
      Item table = Item::table({});
      const std::string file =
          source.is_file() ? std::filesystem::absolute(source.file).lexically_normal().string() : source.file;
      set(table, "file", file);
      if (!source.prefix.empty()) set(table, "prefix", source.prefix);
      if (!source.optional.empty()) set(table, "optional", source.optional);
      if (source.only_matching) set(table, "only", std::string("matching"));
      section("weights").set(text(flat_name(source.path), is_node ? "" : "__*"), std::move(table), {});
    }
  }

  void write_updates() {
    for (const Update& update : graph_.updates) {
      Item table = Item::table({});
      std::vector<std::string> of;
      for (const int node : update.nodes) of.push_back(flat_name(graph_.nodes[static_cast<size_t>(node)].path));
      set(table, "of", of);
      for (const auto& [key, value] : update.settings.values) set(table, key, value);
      Item losses = Item::table({});
      for (const LossTerm& loss : update.losses) {
        if (is_present(loss.term)) set(losses, text_of(loss.term), loss.weight);
      }
      if (losses.entries.empty()) continue;  // the graph runs, and does not train
      table.set("loss", std::move(losses), {});
      section("update").set(update.name, std::move(table), {});
    }
  }

  const Plan& plan_;
  const GoalGraph& graph_;
  std::set<int> running_, used_streams_;
  Item root_;
};

}  // namespace

std::string values_text(const GoalGraph& graph) {
  std::string lines;
  for (const FlatNode& node : graph.nodes) {
    if (!node.is_of_plugin() || node.shares >= 0) continue;
    lines += text(node.path, "  ", node.spec->type, "  ", node.use_place, '\n');
    for (const ParamSpec& spec : node.spec->params) {
      const auto given = node.params.find(spec.name);
      const auto place = node.param_places.find(spec.name);
      if (given != node.params.end()) {
        lines += text("  ", spec.name, " = ", toml_text(given->second), "    ", place->second, '\n');
      } else if (spec.default_value) {
        lines += text("  ", spec.name, " = ", toml_text(*spec.default_value), "    default\n");
      }
    }
  }
  for (const WeightSource& weights : graph.weights)
    lines += text("weights of ", weights.path, " = ", toml_text(ParamValue(weights.file)), "    ", weights.place, '\n');
  return lines;
}

std::string resolved_text(const Plan& plan) {
  return Writer(plan).write();
}

}  // namespace weft::graph
