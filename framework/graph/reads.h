#pragma once

#include "framework/graph/plan.h"

namespace weft::graph {

/// A slot before slots are numbered: node and output in one number.
inline int code_of(int node, int output) {
  return node * 256 + output;
}
inline int node_of_code(int code) {
  return code / 256;
}

/// What an expression reads, through all streams, in codes of outputs.
Read read_of(const GoalGraph& graph, const FlatExpression& expression);

}  // namespace weft::graph
