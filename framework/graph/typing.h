#pragma once

#include "framework/graph/diagnostics.h"
#include "framework/graph/goal_graph.h"

#include <cstdint>
#include <memory>
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
  /// By node and input: whether the sizes of the node follow from those of each value, so that it runs only where all
  /// values of this variadic input are present.
  std::vector<std::vector<char>> needs_all;

  const ValueType& output(int node, int output) const {
    return outputs[static_cast<size_t>(node)][static_cast<size_t>(output)];
  }
  /// The type of an output or a stream; nullptr for other terms.
  const ValueType* type_of(const FlatTerm& term) const;
  /// "image[1, 3, 256, 512]", or "something unknown".
  std::string describe(const ValueType& type) const;
  /// Of one value; nothing where its size is not known.
  std::optional<int64_t> bytes_of(const ValueType& type) const;
};

/// A graph whose values have kinds and sizes.
struct TypedGraph {
  std::shared_ptr<const GoalGraph> graph;
  Typing typing;

  TypedGraph(std::shared_ptr<const GoalGraph> of, Typing types) : graph(std::move(of)), typing(std::move(types)) {}
  TypedGraph(const TypedGraph&) = delete;
  TypedGraph& operator=(const TypedGraph&) = delete;
};

/// Infers kinds and sizes from the sources on, around cycles too, and reports what does not fit (E307 for windows over
/// static streams, E4xx; E110 for sizes that no machine holds).
std::shared_ptr<const TypedGraph> infer_types(std::shared_ptr<const GoalGraph> graph, Diagnostics& diagnostics);

}  // namespace weft::graph
