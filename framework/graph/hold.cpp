#include "framework/graph/hold.h"

#include "framework/graph/cycles.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <utility>

namespace weft::graph {
namespace {

const NodeSpec& hold_spec() {
  static const NodeSpec spec = [] {
    NodeSpec hold;
    hold.type = "weft.hold";
    hold.about = "The value of a stream that depends on its own past";
    hold.inputs.push_back(port_or_throw("value", "any[...]", PortSpec::Arity::One));
    hold.outputs.push_back(port_or_throw("value", "like value[...]", PortSpec::Arity::One));
    return hold;
  }();
  return spec;
}

/// Makes a stream the output of a node that holds its value.
void hold(FlatGraph& graph, size_t index) {
  FlatStream& stream = graph.streams[index];
  FlatNode node;
  node.path = stream.path;
  node.role = NodeRole::Hold;
  node.place = node.use_place = stream.place;
  node.spec = &hold_spec();
  node.inputs.push_back({{stream.definition}, stream.place});
  stream.definition.terms = {term_of_node(graph.nodes.size(), stream.place, stream.path)};
  graph.nodes.push_back(std::move(node));
}

/// Finds the streams that stand for too many frames to be read one by one. A stream that leads to itself is held already.
class LargeStreams {
 public:
  explicit LargeStreams(FlatGraph& graph)
      : graph_(graph), is_known_(graph.streams.size()), sizes_(graph.streams.size()) {}

  void hold_them() {
    for (size_t i = 0; i < sizes_.size(); ++i) measure(i);
    for (FlatNode& node : graph_.nodes) {
      for (const FlatInput& input : node.inputs) {
        for (const FlatExpression& source : input.sources) note_windows(source);
      }
    }
    for (const FlatStream& stream : graph_.streams) note_windows(stream.definition);
    for (const int index : windowed_) hold_one(static_cast<size_t>(index));
  }

 private:
  static constexpr int64_t kMostAlternatives = 32;  ///< that a stream stands for
  static constexpr int64_t kLongestWindow = 64;     ///< over a choice

  /// How many outputs and zeros a stream stands for.
  int64_t measure(size_t index) {
    if (std::exchange(is_known_[index], 1) != 0) return sizes_[index];
    int64_t size = 0;
    for (const FlatTerm& term : graph_.streams[index].definition.terms)
      size += term.source == FlatTerm::Source::Stream && !term.is_window ? measure(static_cast<size_t>(term.index)) : 1;
    sizes_[index] = size;
    if (size > kMostAlternatives) hold_one(index);
    return sizes_[index];
  }

  void note_windows(const FlatExpression& expression) {
    for (const FlatTerm& term : expression.terms) {
      if (!term.is_window || term.source != FlatTerm::Source::Stream) continue;
      const bool is_long = (term.last - term.first) / term.step >= kLongestWindow;
      if (is_long && sizes_[static_cast<size_t>(term.index)] > 1) windowed_.insert(term.index);
    }
  }

  /// Nodes do not run before t = 0, where zeros are present all the same.
  void hold_one(size_t index) {
    const std::optional<int64_t> before = zeros_before(graph_.streams[index].definition);
    hold(graph_, index);
    sizes_[index] = 1;
    if (!before) return;
    FlatTerm zeros;
    zeros.source = FlatTerm::Source::Zeros;
    zeros.place = graph_.streams[index].place;
    zeros.text = "zeros";
    if (*before != kWithoutEnd) zeros.before = *before;
    graph_.streams[index].definition.terms.push_back(zeros);
    sizes_[index] = 2;
  }

  /// Up to which t the zeros of an expression are present; nothing when it has none.
  std::optional<int64_t> zeros_before(const FlatExpression& expression) const {
    std::optional<int64_t> latest;
    for (const FlatTerm& term : expression.terms) {
      std::optional<int64_t> before;
      if (term.source == FlatTerm::Source::Zeros) before = kWithoutEnd;
      if (term.source == FlatTerm::Source::Stream && !term.is_window) {
        before = zeros_before(graph_.streams[static_cast<size_t>(term.index)].definition);
        if (before && *before != kWithoutEnd) *before -= term.first;
      }
      if (!before) continue;
      const int64_t limit = std::min(*before, term.before.value_or(kWithoutEnd));
      latest = std::max(latest.value_or(limit), limit);
    }
    return latest;
  }

  static constexpr int64_t kWithoutEnd = std::numeric_limits<int64_t>::max();

  FlatGraph& graph_;
  std::vector<char> is_known_;
  std::vector<int64_t> sizes_;
  std::set<int> windowed_;
};

}  // namespace

void hold_streams(FlatGraph& graph) {
  const std::vector<bool> is_recurrent = streams_in_cycles(graph);
  for (size_t i = 0; i < is_recurrent.size(); ++i) {
    if (is_recurrent[i]) hold(graph, i);
  }
  LargeStreams(graph).hold_them();
}

}  // namespace weft::graph
