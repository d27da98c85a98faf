#pragma once

#include "framework/graph/run_settings.h"
#include "framework/spec/node_spec.h"

#include <deque>
#include <map>
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

/// The value that a node gives at its first output, as a term.
FlatTerm term_of_node(size_t node, const Place& place, const std::string& text);

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

/// What a node of a graph is there for. All but those of plugins are weft's own: they compute nothing.
enum class NodeRole {
  Plugin,   ///< a node of the graph file, made by a plugin
  Pushed,   ///< stands for an input of the graph whose values the program gives
  Hold,     ///< holds the value of a stream, so that it is made once for each frame
  Wanted,   ///< a goal: a stream whose values the program takes
  Loss,     ///< a goal of training: a loss of an update
  Watched,  ///< a goal of training: a stream that it shows or chooses its best checkpoint by, and never learns from
};

struct FlatNode {
  std::string path;
  NodeRole role = NodeRole::Plugin;
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

  bool is_of_plugin() const { return role == NodeRole::Plugin; }
  /// The parameters with the defaults of those that are not given.
  ParamValues all_params() const;
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
  UpdateSettings settings;
};

/// A graph with all files expanded, names and parameters resolved, the values of the program as its sources; with the
/// settings [run], [weights] and [update.*].
struct FlatGraph {
  std::vector<FlatNode> nodes;
  std::vector<FlatStream> streams;
  std::vector<Instance> instances;
  std::vector<int> outputs;  ///< streams: the [outputs] of the graph itself
  RunSettings run;
  std::vector<WeightSource> weights;
  std::vector<Update> updates;
  std::deque<NodeSpec> own_specs;  ///< of the nodes that stand for pushed values; no plugin has them

  FlatGraph() = default;
  FlatGraph(const FlatGraph&) = delete;  // nodes point to own_specs, and the next stages to all of it
  FlatGraph& operator=(const FlatGraph&) = delete;
  FlatGraph(FlatGraph&&) = default;
  FlatGraph& operator=(FlatGraph&&) = default;
};

}  // namespace weft::graph
