#pragma once

#include "framework/graph/diagnostics.h"
#include "framework/graph/flat_graph.h"

#include <optional>
#include <vector>

namespace weft::graph {

/// What is known of the values of a stream or output: nothing where a fault stands in the way.
struct ValueType {
  std::optional<Kind> kind;
  std::optional<Dims> dims;
  bool is_still = false;
};

/// Kinds and sizes of everything in a graph.
struct Typing {
  Symbols symbols;
  std::vector<std::vector<ValueType>> outputs;              ///< by node, then output
  std::vector<std::vector<std::vector<ValueType>>> inputs;  ///< by node, input, and source wired to it
  std::vector<ValueType> streams;
  std::vector<Shapes> shapes;  ///< letters and input sizes of each node

  /// "image[1, 3, 256, 512]", or "something unknown".
  std::string describe(const ValueType& type) const;
};

/// Infers kinds and sizes from the sources on, around cycles too, and reports what does not fit (E307 for windows over
/// static streams, E4xx).
Typing infer_types(const FlatGraph& graph, Diagnostics& diagnostics);

}  // namespace weft::graph
