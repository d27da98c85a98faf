#pragma once

#include "framework/graph/part.h"
#include "framework/graph/path_changes.h"

#include <set>
#include <string>
#include <vector>

namespace weft::graph {

/// The first step of flattening: which nodes and streams there are, with the types and parameters of nodes. Files that
/// nodes use are declared where they are used.
class Declarer {
 public:
  Declarer(Library& library, const NodeCatalogue& catalogue, PathChanges& changes, Diagnostics& diagnostics)
      : library_(library), catalogue_(catalogue), changes_(changes), diagnostics_(diagnostics) {}

  /// @param root    the tables of the document with overlays on them
  /// @param params  the values of its parameters
  Declarations run(const Document& document, const Item& root, const std::vector<Item::Entry>& params, RunSettings run);

 private:
  /// A use of a file: where it is, and what its parameters are given.
  struct Use {
    std::string path;
    std::vector<Item::Entry> given;
    std::set<std::string> missing;  ///< parameters whose value is missing where the file is used
    Place place;
    std::string owner;    ///< for messages: `node "F"`, `the graph`
    std::string context;  ///< see Part
  };

  int declare_part(const Document& document, const Item& root, const Use& use);
  void bind_params(Part& part, const Use& use);
  void check_order(const Part& part, const Use& use);
  void check_defaults(const Part& part);
  void declare_streams(Part& part);
  void declare_nodes(Part& part, const Item& root);
  void refuse_run_tables(const Part& part, const Item& root);
  void declare_entry(Part& part, const Item::Entry& entry);
  bool is_full(const Place& place);

  // declare_nodes.cpp
  Name declare_node(Part& part, PendingNode& node, const std::string& path);
  Name declare_shared(Part& part, const PendingNode& node, const std::string& path);
  int find_shared(const Part& part, const Item& share, const std::string& path);
  Name declare_of_type(Part& part, PendingNode& node, const std::string& path, const Item& use);
  Name declare_of_file(Part& part, PendingNode& node, const std::string& path, const Item& use);
  void report_unknown_type(const Item& use, const std::string& path);
  const Document* load(const Item& use, const std::string& path);
  void read_params(const Part& part, const NodeDeclaration& declaration, FlatNode& node);
  void read_param(const Part& part, const Item::Entry& entry, FlatNode& node);
  void read_timing(const Part& part, const NodeDeclaration& declaration, FlatNode& node);
  void read_recompute(const Part& part, const Item& item, FlatNode& node);
  void read_fold(const Item& item, FlatNode& node);
  std::string near_types(const std::string& type) const;

  Item value_of(const Part& part, const Item& item) {
    return with_values(item, part, declared_.flat.run, diagnostics_);
  }

  Library& library_;
  const NodeCatalogue& catalogue_;
  PathChanges& changes_;
  Diagnostics& diagnostics_;
  Declarations declared_;
  std::vector<std::string> stack_;  ///< files being declared, to find those that hold themselves
  bool is_full_reported_ = false;
};

}  // namespace weft::graph
