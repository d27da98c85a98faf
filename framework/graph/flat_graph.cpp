#include "framework/graph/flat_graph.h"

namespace weft::graph {

FlatTerm term_of_node(size_t node, const Place& place, const std::string& text) {
  FlatTerm term;
  term.source = FlatTerm::Source::Output;
  term.index = static_cast<int>(node);
  term.output = 0;
  term.place = place;
  term.text = text;
  return term;
}

ParamValues FlatNode::all_params() const {
  ParamValues all = params;
  for (const ParamSpec& param : spec->params) {
    if (param.default_value) all.emplace(param.name, *param.default_value);
  }
  return all;
}

}  // namespace weft::graph
