#pragma once

#include "framework/graph/diagnostics.h"
#include "framework/graph/expression.h"
#include "framework/graph/item.h"
#include "framework/spec/port.h"

#include <optional>
#include <string>
#include <vector>

namespace weft::graph {

/// A parameter of a graph file: `L = 2`, or `L = { default = 2, min = 1, about = "…" }`.
struct ParamDeclaration {
  ParamSpec spec;
  bool has_type = true;         ///< false: required, and the file does not say of what type
  std::optional<Item> initial;  ///< the default with its place; none: it must be given
  std::optional<Item> above;    ///< a bound that must be smaller: a parameter of the file, or a sum
  Place place;
};

/// An expression with the text it was read from.
struct Reference {
  Item source;
  Expression expression;
};

/// `s = "semantics[B,C,H,W]"` under [inputs].
struct InputDeclaration {
  PortSpec port;
  Place place;
};

/// A name for an expression, under [stream] or [outputs].
struct StreamDeclaration {
  std::string name;
  Place place;
  Reference reference;
};

/// `in.image = "x[t-1]"`, or `in = […]`, whose port is then not named.
struct WireDeclaration {
  std::string port;
  Place place;
  std::vector<Reference> sources;
  bool is_list = false;
};

struct NodeDeclaration {
  std::string name;
  Place place;
  std::optional<Item> use;
  std::optional<Item> share;
  std::optional<Item> every, multiple, fold, recompute;
  std::vector<WireDeclaration> wires;
  std::vector<Item::Entry> params;
  bool is_swapped = false;  ///< its type was put in the place of another one
};

/// One file, read but not yet wired to others.
struct GraphFile {
  std::string file;
  std::string about;
  std::vector<ParamDeclaration> params;
  std::vector<InputDeclaration> inputs;
  std::vector<std::string> broken_inputs;  ///< names whose declarations are faulty
  std::vector<StreamDeclaration> streams;
  std::vector<StreamDeclaration> outputs;

  const ParamDeclaration* find_param(std::string_view name) const;
  const InputDeclaration* find_input(std::string_view name) const;
  std::vector<std::string> param_names() const;
  std::vector<std::string> input_names() const;
  std::vector<std::string> output_names() const;
};

/// The keys and tables at the top of a graph file.
const std::vector<std::string>& section_names();

/// Reads all of a file but its nodes, which may still be changed by overlays, and the settings of runs and training.
GraphFile read_graph_file(const Item& root, const std::string& file, Diagnostics& diagnostics);

/// Reads a node's table.
NodeDeclaration read_node(const std::string& name, const Place& place, const Item& table, Diagnostics& diagnostics);

/// Reads the expression in a text item; a fault is reported and gives nothing.
std::optional<Reference> read_reference(const Item& item, Diagnostics& diagnostics);

/// Whether a name can be used in expressions: letters, digits and _, not beginning with a digit, and no word of the
/// language.
/// @returns what is wrong, or empty
std::string name_fault(std::string_view name);

}  // namespace weft::graph
