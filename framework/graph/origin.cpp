#include "framework/graph/origin.h"

#include "framework/base/text.h"

#include <algorithm>
#include <set>

namespace weft::graph {
namespace {

std::string family_of(const FlatNode& node) {
  return node.spec->type.substr(0, node.spec->type.find('.'));
}

/// Writes the nodes before a reader.
class Origins {
 public:
  Origins(const GoalGraph& graph, std::string family) : graph_(graph), family_(std::move(family)) {}

  std::string of(const FlatInput& input) {
    std::vector<std::string> sources;
    for (const FlatExpression& source : input.sources) sources.push_back(of(source));
    return join(sources, ", ");
  }

 private:
  std::string of(const FlatExpression& expression) {
    std::vector<std::string> alternatives;
    for (const FlatTerm& term : expression.terms) {
      const std::string one = of(term);
      if (!one.empty() && std::find(alternatives.begin(), alternatives.end(), one) == alternatives.end())
        alternatives.push_back(one);
    }
    return join(alternatives, " else ");
  }

  std::string of(const FlatTerm& term) {
    const bool is_stream = term.source == FlatTerm::Source::Stream;
    if (!is_stream && term.source != FlatTerm::Source::Output) return "";
    // A cycle with delays comes back to a stream or a node that is being written.
    std::set<int>& open = is_stream ? open_streams_ : open_nodes_;
    if (!open.insert(term.index).second) return "";
    const std::string written =
        is_stream ? of(graph_.streams[static_cast<size_t>(term.index)].definition) : of_node(term);
    open.erase(term.index);
    return written;
  }

  std::string of_node(const FlatTerm& term) {
    const FlatNode& node = graph_.nodes[static_cast<size_t>(term.index)];
    std::string written = node.spec->type;
    if (node.spec->outputs.size() > 1) written += text('.', node.spec->outputs[static_cast<size_t>(term.output)].name);
    const bool is_own = family_of(node) == family_;
    const std::string settings = settings_of(node, is_own);
    if (!settings.empty()) written += text('(', settings, ')');
    const std::string before = is_own ? own_inputs(node) : "";
    if (!before.empty()) written += text(" of ", before);
    return written;
  }

  /// The inputs that come from nodes of the family.
  std::string own_inputs(const FlatNode& node) {
    std::vector<std::string> inputs;
    for (const FlatInput& input : node.inputs) {
      const std::string one = of(input);
      const bool is_new = std::find(inputs.begin(), inputs.end(), one) == inputs.end();
      if (one.starts_with(text(family_, '.')) && is_new) inputs.push_back(one);
    }
    return join(inputs, " and ");
  }

  static std::string settings_of(const FlatNode& node, bool with_defaults) {
    std::vector<std::string> settings;
    for (const ParamSpec& param : node.spec->params) {
      const auto given = node.params.find(param.name);
      if (param.type == ParamType::Path) continue;
      if (given != node.params.end()) {
        settings.push_back(text(param.name, " = ", toml_text(given->second)));
      } else if (with_defaults && param.default_value) {
        settings.push_back(text(param.name, " = ", toml_text(*param.default_value)));
      }
    }
    for (const FlatInput& input : node.inputs) {
      for (const FlatExpression& source : input.sources) {
        if (source.terms.empty() || !source.terms.front().is_window) continue;
        const FlatTerm& window = source.terms.front();
        settings.push_back(text((window.last - window.first) / window.step + 1, " frames"));
      }
    }
    if (node.every > 1) settings.push_back(text("every ", node.every));
    return join(settings, ", ");
  }

  const GoalGraph& graph_;
  std::string family_;
  std::set<int> open_nodes_, open_streams_;
};

}  // namespace

std::shared_ptr<const std::map<std::string, std::string>> origins(const GoalGraph& graph, const FlatNode& reader) {
  auto by_port = std::make_shared<std::map<std::string, std::string>>();
  Origins writer(graph, family_of(reader));
  for (size_t port = 0; port < reader.inputs.size(); ++port) {
    (*by_port)[reader.spec->inputs[port].name] = writer.of(reader.inputs[port]);
  }
  return by_port;
}

}  // namespace weft::graph
