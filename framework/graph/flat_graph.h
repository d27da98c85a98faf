#pragma once

#include "framework/graph/item.h"
#include "framework/spec/node_spec.h"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weft::graph {

/// One alternative of a flat expression.
struct FlatTerm {
  enum class Source {
    Output,   ///< an output of a node
    Stream,   ///< another stream's definition
    Zeros,    ///< zeros of the size of the other terms
    Unknown,  ///< unresolved; the fault is reported already
  };
  Source source = Source::Unknown;
  int index = -1;                         ///< of the node or stream
  int output = -1;                        ///< of the node
  int64_t first = 0, last = 0, step = 1;  ///< frames t + first … t + last
  bool is_window = false;
  std::optional<int64_t> before;
  Place place;
  std::string text;  ///< as the file writes it
};

/// At each t the first term that is present. Without terms it is never present.
struct FlatExpression {
  std::vector<FlatTerm> terms;
  Place place;
  std::string text;
  bool is_lost = false;  ///< it had terms, and `without` removed them all
};

/// A named expression: a stream, or an input or output of one use of a graph file.
struct FlatStream {
  enum class Role { Stream, Input, Output };

  std::string path;
  Role role = Role::Stream;
  Place place;
  FlatExpression definition;
  std::optional<PortSpec> declared;  ///< of inputs
  int instance = 0;                  ///< whose letters the declaration uses
  bool is_pushed = false;            ///< an input of the top graph: values come from the program
};

/// What is wired to one port of a node.
struct FlatInput {
  std::vector<FlatExpression> sources;  ///< several only at variadic ports
  Place place;
  bool is_wired() const { return !sources.empty(); }
};

struct FlatNode {
  std::string path;
  Place place;      ///< of its table
  Place use_place;  ///< of its type
  const NodeSpec* spec = nullptr;
  ParamValues params;  ///< as given; what is missing has the spec's default
  std::map<std::string, Place> param_places;
  std::vector<FlatInput> inputs;  ///< one for each input of the spec
  int64_t every = 1;
  int64_t multiple = 1;
  bool folds_chunk = false;
  bool recomputes = false;  ///< in training its intermediate values are recomputed for the gradients
  bool has_faults = false;  ///< of its parameters; their consequences are not checked
  int shares = -1;          ///< the node whose network this is a second call of
};

/// One use of a graph file; the first is the graph itself.
struct Instance {
  std::string path;  ///< empty for the graph itself
  std::string file;
  std::string about;
  Place place;  ///< where it is used
  std::map<std::string, Item> params;
};

/// A line of [weights].
struct WeightSource {
  std::string path;  ///< of the node or part of the graph whose keys the file has
  Place place;
  std::string file;  ///< resolved; or "random" or "fill"
  std::string prefix;
  std::vector<std::string> optional;
  bool only_matching = false;

  bool is_file() const { return file != "random" && file != "fill"; }
};

struct LossTerm {  // a line of [update.NAME.loss]
  std::string text;
  Place place;
  FlatTerm term;
  double weight = 0;
};

struct Update {  // [update.NAME]
  std::string name;
  Place place;
  std::vector<int> nodes;  ///< trainable nodes whose tensors it changes
  std::vector<LossTerm> losses;
  ParamValues settings;  ///< use, lr, betas …
};

/// A graph with all files expanded, names and parameters resolved; with the settings [run], [weights] and [update.*].
struct FlatGraph {
  std::vector<FlatNode> nodes;
  std::vector<FlatStream> streams;
  std::vector<Instance> instances;
  std::vector<int> outputs;  ///< streams: the [outputs] of the graph itself
  ParamValues run;           ///< [run], with defaults
  std::map<std::string, Place> run_places;
  std::vector<WeightSource> weights;
  std::vector<Update> updates;
  /// Specs of the nodes that stand for values that the program pushes; no plugin has them.
  std::shared_ptr<std::deque<NodeSpec>> own_specs = std::make_shared<std::deque<NodeSpec>>();

  int find_node(std::string_view path) const;    ///< -1 when there is none
  int find_stream(std::string_view path) const;  ///< -1 when there is none
  /// The output of a node as messages name it: "F.w.flow", or "F.warp" when there is only one.
  std::string output_name(int node, int output) const;

  int64_t run_integer(const std::string& key, int64_t otherwise) const;
};

}  // namespace weft::graph
