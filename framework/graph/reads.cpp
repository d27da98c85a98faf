#include "framework/graph/reads.h"

#include <algorithm>

namespace weft::graph {
namespace {

int64_t shifted(int64_t before, int64_t by) {
  return before == kAlways ? kAlways : before + by;
}

/// Turns the expressions of a graph into reads of slots.
class Reader {
 public:
  explicit Reader(const GoalGraph& graph) : graph_(graph) {}

  Read read(const FlatExpression& expression) const {
    return {alternatives_of(expression, 0, kAlways), expression.text, {}, false};
  }

 private:
  std::vector<Alternative> alternatives_of(const FlatExpression& expression, int64_t delay, int64_t before) const {
    std::vector<Alternative> alternatives;
    for (const FlatTerm& term : expression.terms) {
      const int64_t limit = std::min(before, term.before ? shifted(*term.before, delay) : kAlways);
      if (term.is_window) {
        alternatives.push_back(window_of(term, delay, limit));
        continue;
      }
      for (Alternative& one : alternatives_of(term, delay - term.first, limit)) alternatives.push_back(std::move(one));
    }
    return alternatives;
  }

  std::vector<Alternative> alternatives_of(const FlatTerm& term, int64_t delay, int64_t before) const {
    if (term.source == FlatTerm::Source::Stream) {
      return alternatives_of(graph_.streams[static_cast<size_t>(term.index)].definition, delay, before);
    }
    const int slot = term.source == FlatTerm::Source::Output ? code_of(term.index, term.output) : Atom::kZeros;
    if (term.source == FlatTerm::Source::Unknown) return {};
    Alternative alternative;
    alternative.before = before;
    alternative.oldest = {{{slot, delay, before}}};
    return {alternative};
  }

  Alternative window_of(const FlatTerm& term, int64_t delay, int64_t before) const {
    Alternative window;
    window.is_window = true;
    window.before = before;
    window.frames = (term.last - term.first) / term.step + 1;
    window.step = term.step;
    for (const Alternative& one : alternatives_of(term, delay - term.first, kAlways)) {
      window.oldest.atoms.insert(window.oldest.atoms.end(), one.oldest.atoms.begin(), one.oldest.atoms.end());
    }
    return window;
  }

  const GoalGraph& graph_;
};

}  // namespace

Atom Alternative::atom_of(const Atom& oldest_atom, int64_t index) const {
  Atom atom = oldest_atom;
  atom.delay -= index * step;
  atom.before = shifted(atom.before, -index * step);
  return atom;
}

FrameRead Alternative::frame(int64_t index) const {
  FrameRead frame;
  for (const Atom& atom : oldest.atoms) frame.atoms.push_back(atom_of(atom, index));
  return frame;
}

Read read_of(const GoalGraph& graph, const FlatExpression& expression) {
  return Reader(graph).read(expression);
}

}  // namespace weft::graph
