#pragma once

#include "framework/base/text.h"
#include "framework/graph/flat_graph.h"
#include "framework/graph/library.h"

#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace weft::graph {

/// What a name means in one use of a file.
struct Name {
  enum class Kind {
    Stream,
    Node,
    Part,     ///< another graph file, used as a node
    Removed,  ///< taken out by `without`
    Broken,   ///< faulty; reported already
  };
  Kind kind = Kind::Broken;
  int index = -1;
};

/// A node that is declared and not wired yet.
struct PendingNode {
  NodeDeclaration declaration;
  Name name;
  bool is_bypassed = false;
};

/// One use of a graph file, declared and not wired yet.
struct Part {
  GraphFile file;
  std::string path;
  std::string context;  ///< "F.coarse, used at street.toml:31" for messages about its file; empty for the graph itself
  std::map<std::string, Item> params;
  std::set<std::string>
      missing;  ///< parameters without a value, which was reported; `params` has a number in its place
  std::map<std::string, Name> names;
  std::map<std::string, int> inputs;                   ///< streams
  std::map<std::string, int> outputs;                  ///< streams
  std::vector<std::pair<int, Reference>> definitions;  ///< streams with what they stand for
  std::vector<PendingNode> nodes;
  int instance = 0;
};

/// What there is in a graph, before anything is wired: the nodes and streams of `flat` do not know yet what they read.
struct Declarations {
  FlatGraph flat;
  std::deque<Part> parts;                     ///< the first is the graph itself
  std::vector<std::string> removed;           ///< paths of nodes
  std::map<std::pair<int, int>, int> passed;  ///< output of a bypassed node -> the stream in its place

  FlatNode& node(int index) { return flat.nodes[static_cast<size_t>(index)]; }
  const FlatNode& node(int index) const { return flat.nodes[static_cast<size_t>(index)]; }
  FlatStream& stream(int index) { return flat.streams[static_cast<size_t>(index)]; }
  Part& part(int index) { return parts[static_cast<size_t>(index)]; }
  const Part& part(int index) const { return parts[static_cast<size_t>(index)]; }
  /// Of nodes and uses of graph files.
  std::vector<std::string> all_paths() const;
  /// Makes an output of a bypassed node the stream in its place.
  void redirect(FlatTerm& term) const;
};

/// The path of a node or stream, with the nodes around it.
inline std::string inside(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : text(path, '.', name);
}

inline std::string file_name(const std::string& file) {
  return file.substr(file.rfind('/') + 1);
}

/// The parameter that was meant by `name`, or what there is.
std::string near_params(const std::string& name, const std::vector<std::string>& all);

/// An item with the values of `$name` and `$run.name`: alone, or in a list. `$$` begins a text that begins with a dollar
/// sign. What is not known is reported (E208).
Item with_values(const Item& item, const Part& part, const RunSettings& run, Diagnostics& diagnostics);
/// Whether an item, or one in its list, is a parameter without a value.
bool lacks_value(const Item& item, const Part& part);

}  // namespace weft::graph
