#include "framework/base/text.h"
#include "framework/graph/graph_text.h"

#include <map>
#include <set>

namespace weft::graph {
namespace {

std::string quote(const std::string& plain) {
  std::string quoted = "\"";
  for (const char c : plain) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + '"';
}

std::string last_part(const std::string& path) {
  return path.substr(path.rfind('.') + 1);
}

std::string colour_of(const NodeSpec& spec) {
  if (spec.is_source) return "#d8f0d8";
  if (spec.is_sink) return "#f8e0d0";
  return spec.is_trainable ? "#d8e4f8" : "#f4f4f4";
}

/// A goal that is no node of the file.
bool is_goal_alone(const FlatNode& node) {
  return node.role == NodeRole::Wanted || node.role == NodeRole::Loss || node.role == NodeRole::Watched;
}

/// Streams are drawn as small ovals where they stand for a choice; others are passed through.
class Drawing {
 public:
  explicit Drawing(const TypedGraph& typed) : graph_(*typed.graph), typing_(typed.typing) {}

  std::string draw() {
    out_ =
        "digraph weft {\n  rankdir=TB; compound=true; fontname=\"Helvetica\"; nodesep=0.25; ranksep=0.35;\n"
        "  node [shape=box, style=\"filled,rounded\", fontname=\"Helvetica\", fontsize=11, color=\"#808080\"];\n"
        "  edge [fontname=\"Helvetica\", fontsize=9, color=\"#606060\", fontcolor=\"#404040\"];\n";
    draw_part("", 1);
    for (size_t i = 0; i < graph_.nodes.size(); ++i) draw_wires(static_cast<int>(i));
    for (const int stream : choices_) draw_choice(stream);
    return out_ + "}\n";
  }

 private:
  static std::string part_of(const std::string& path) {
    const size_t dot = path.rfind('.');
    return dot == std::string::npos ? "" : path.substr(0, dot);
  }

  void draw_part(const std::string& part, int depth) {
    const std::string indent(static_cast<size_t>(2 * depth), ' ');
    for (size_t i = 0; i < graph_.nodes.size(); ++i) {
      const FlatNode& node = graph_.nodes[i];
      if (part_of(node.path) != part || is_goal_alone(node)) continue;
      out_ += text(indent, 'n', i, " [label=", quote(text(last_part(node.path), "\n", node.spec->type)),
                   ", fillcolor=\"", colour_of(*node.spec), "\"];\n");
    }
    for (size_t i = 0; i < graph_.streams.size(); ++i) {
      const FlatStream& stream = graph_.streams[i];
      if (part_of(stream.path) != part || !is_choice(static_cast<int>(i))) continue;
      choices_.insert(static_cast<int>(i));
      out_ += text(indent, 's', i, " [label=", quote(last_part(stream.path)),
                   ", shape=oval, fillcolor=\"#fff8d0\", height=0.3];\n");
    }
    for (const Instance& instance : graph_.instances) {
      if (instance.path.empty() || part_of(instance.path) != part) continue;
      out_ +=
          text(indent, "subgraph ", quote("cluster " + instance.path), " {\n", indent, "  label=",
               quote(text(last_part(instance.path), "  (", instance.file.substr(instance.file.rfind('/') + 1), ')')),
               "; labeljust=l; style=rounded; color=\"#a0a0a0\"; fontsize=12;\n");
      draw_part(instance.path, depth + 1);
      out_ += indent + "}\n";
    }
  }

  bool is_choice(int stream) const { return graph_.streams[static_cast<size_t>(stream)].definition.terms.size() > 1; }

  std::string label_of(const FlatTerm& term, const std::string& kind) const {
    std::string label = kind;
    const auto offset = [](int64_t t) { return t == 0 ? std::string("t") : text('t', t > 0 ? "+" : "", t); };
    if (term.is_window)
      label += text(" [", offset(term.first), "..", offset(term.last), term.step > 1 ? text(':', term.step) : "", ']');
    if (!term.is_window && term.first != 0) label += text(" [", offset(term.first), ']');
    if (term.before) label += text(" before ", *term.before);
    return label;
  }

  /// An edge from what a term means to `to`; streams that are no choice are followed to their only term.
  void draw_edge(const FlatTerm& term, const std::string& to, const std::string& extra) {
    // What reads only earlier frames may stand before what makes them; all else goes downwards.
    const std::string style =
        text(term.first < 0 ? ", style=dashed, color=\"#b04020\"" : "", term.last < 0 ? ", constraint=false" : "");
    if (term.source == FlatTerm::Source::Output) {
      const ValueType& type = typing_.outputs[static_cast<size_t>(term.index)][static_cast<size_t>(term.output)];
      const std::string kind = type.kind ? std::string(name_of(*type.kind)) : "";
      out_ += text("  n", term.index, " -> ", to, " [label=", quote(label_of(term, kind) + extra), style, "];\n");
    } else if (term.source == FlatTerm::Source::Stream) {
      const FlatStream& stream = graph_.streams[static_cast<size_t>(term.index)];
      if (stream.definition.terms.empty()) return;
      if (is_choice(term.index)) {
        const ValueType& type = typing_.streams[static_cast<size_t>(term.index)];
        const std::string kind = type.kind ? std::string(name_of(*type.kind)) : "";
        out_ += text("  s", term.index, " -> ", to, " [label=", quote(label_of(term, kind) + extra), style, "];\n");
        return;
      }
      // Delays on the way add up; a window stands where it is written.
      FlatTerm inner = stream.definition.terms.front();
      const bool has_own_window = inner.is_window;
      inner.first += term.first;
      inner.last += has_own_window ? term.first : term.last;
      inner.is_window = inner.is_window || term.is_window;
      if (term.is_window) inner.step = term.step;
      if (term.before) inner.before = term.before;
      draw_edge(inner, to, extra);
    }
  }

  void draw_wires(int index) {
    const FlatNode& node = graph_.nodes[static_cast<size_t>(index)];
    if (is_goal_alone(node)) return;
    for (size_t port = 0; port < node.inputs.size(); ++port) {
      const std::string extra = node.inputs.size() > 1 ? text("\n", node.spec->inputs[port].name) : "";
      for (const FlatExpression& source : node.inputs[port].sources) {
        for (size_t i = 0; i < source.terms.size(); ++i) {
          draw_edge(source.terms[i], text('n', index), extra + (source.terms.size() > 1 ? text(" (", i + 1, ')') : ""));
        }
      }
    }
  }

  void draw_choice(int index) {
    const FlatExpression& definition = graph_.streams[static_cast<size_t>(index)].definition;
    for (size_t i = 0; i < definition.terms.size(); ++i)
      draw_edge(definition.terms[i], text('s', index), text(" (", i + 1, ')'));
  }

  const GoalGraph& graph_;
  const Typing& typing_;
  std::set<int> choices_;
  std::string out_;
};

}  // namespace

std::string dot_text(const TypedGraph& typed) {
  return Drawing(typed).draw();
}

}  // namespace weft::graph
