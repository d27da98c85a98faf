#pragma once

#include "framework/graph/diagnostics.h"
#include "framework/graph/item.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace weft::graph {

/// A change to the nodes whose paths fit a pattern.
struct NodeChange {
  std::string pattern;
  Place place;
  Item table;             ///< keys to set
  bool is_swap = false;   ///< `in` stays, parameters go
  bool may_miss = false;  ///< that no node has the path is no fault: a later file may remove it
};

/// Whether the name in [node.NAME] stands for the paths of nodes in other files, or for several: "F.trunk", "P*".
inline bool is_pattern(std::string_view name) {
  return name.find_first_of(".*") != std::string_view::npos;
}

/// A pattern of paths with the place where it was written.
struct PathPattern {
  std::string pattern;
  Place place;
};

/// What a stage, a variant, `--set`, or a file with `base` changes in a graph. There is no other override language.
struct Overlay {
  std::string name;                 ///< "stage \"both scales\"", "variant no_flow", "--set"
  Item root = Item::table({});      ///< laid on the file's own tables, nodes aside
  std::vector<Item::Entry> params;  ///< of the graph itself
  std::vector<NodeChange> nodes;
  std::vector<PathPattern> without;
  std::vector<PathPattern> bypass;

  bool is_empty() const;
};

/// Reads the keys `set`, `swap`, `without`, `bypass` of `table`; other keys are the caller's.
Overlay read_overlay(const std::string& name, const Item& table, Diagnostics& diagnostics);

/// Reads `path=value` of the command line: a name is a parameter, a longer path anything else; a path that begins
/// with no section of a graph file is that of a node.
/// @throws Error  (Exit::Usage) when it is not of that form
Overlay read_setting(const std::string& assignment);

/// The same for a path with a value that stands in a file.
Overlay make_setting(const std::string& name, const std::string& path, Item value);

}  // namespace weft::graph
