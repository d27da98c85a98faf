#pragma once

#include "framework/base/text.h"
#include "framework/graph/flatten.h"

#include <deque>
#include <map>
#include <set>
#include <string>
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

struct PendingNode {
  NodeDeclaration declaration;
  Name name;
  bool is_bypassed = false;
};

/// One use of a graph file while it is put in.
struct Part {
  const Document* document = nullptr;
  GraphFile file;
  std::string path;
  std::map<std::string, Item> params;
  std::map<std::string, Name> names;
  std::map<std::string, int> inputs;                          ///< streams
  std::map<std::string, int> outputs;                         ///< streams
  std::vector<std::pair<int, const Reference*>> definitions;  ///< streams with what they stand for
  std::vector<PendingNode> nodes;
  int instance = 0;
};

struct ActiveChange {
  NodeChange change;
  std::string owner;  ///< of the overlay, for messages
  bool is_used = false;
};
struct ActivePattern {
  PathPattern pattern;
  std::string_view key;  ///< without, bypass
  bool is_used = false;
};

/// The path of a node or stream, with the nodes around it.
inline std::string inside(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : text(path, '.', name);
}

inline std::string file_name(const std::string& file) {
  return file.substr(file.rfind('/') + 1);
}

/// Puts a graph together, in three steps, each in a file of its own: flatten_nodes.cpp declares what there is,
/// flatten_wires.cpp resolves what it reads, flatten_training.cpp reads what learns.
class Flattener {
 public:
  Flattener(Library& library, const NodeCatalogue& catalogue, Diagnostics& diagnostics)
      : library_(library), catalogue_(catalogue), diagnostics_(diagnostics) {}

  FlatGraph run(const Document& document, const std::vector<Overlay>& overlays);

 private:
  using Given = std::vector<Item::Entry>;

  void read_run(const Item& root);
  void add_overlay(const Overlay& overlay, const std::string& prefix, bool comes_first);
  bool matches_any(std::vector<ActivePattern>& patterns, std::string_view key, const std::string& path);
  Item value_of(Part& part, const Item& item);
  std::vector<std::string> all_paths() const;
  void report_unused();

  // flatten_nodes.cpp: names, types and parameters.
  int declare_part(const Document& document, const Item& root, const std::string& path, const Given& given,
                   const Place& place, const std::string& owner);
  void bind_params(Part& part, const Given& given, const Place& place, const std::string& owner);
  static std::string near_params(const std::string& name, const std::vector<std::string>& all);
  bool is_full(const Place& place);
  void declare_streams(Part& part);
  void declare_nodes(Part& part, const Item& root);
  Item changed_node(const std::string& path, const Item& table, bool& is_swapped);
  Name declare_node(Part& part, PendingNode& node, const std::string& path);
  Name declare_shared(Part& part, const PendingNode& node, const std::string& path);
  Name declare_of_type(Part& part, PendingNode& node, const std::string& path, const Item& use);
  Name declare_of_file(Part& part, PendingNode& node, const std::string& path, const Item& use);
  void read_node_params(Part& part, const NodeDeclaration& declaration, FlatNode& node);
  std::string near_types(const std::string& type) const;
  void read_timing(Part& part, const NodeDeclaration& declaration, FlatNode& node);

  // flatten_wires.cpp: expressions.
  void define_part(Part& part);
  void define_wires(Part& part, PendingNode& node);
  void wire_type(Part& part, const PendingNode& node, FlatNode& flat);
  void wire_file(Part& part, const PendingNode& node, Part& inner);
  void bypass(const PendingNode& node, FlatNode& flat);
  std::string port_of(const WireDeclaration& wire, const std::vector<std::string>& all,
                      const std::vector<std::string>& needed, const std::string& owner);
  FlatExpression resolve(Part& part, const Reference& reference);
  bool resolve_term(Part& part, const Reference& reference, const Term& term, FlatTerm& flat);
  bool resolve_output(Part& part, const Reference& reference, const Term& term, FlatTerm& flat);
  void resolve_window(Part& part, const Reference& reference, const Term& term, FlatTerm& flat);
  std::optional<int64_t> value_of(Part& part, const Reference& reference, const Bound& bound);

  // flatten_training.cpp: weights, updates and losses.
  void read_weights(Part& part, const Item& root);
  std::optional<WeightSource> read_weight(Part& part, const std::string& path, const Place& place, const Item& item);
  void read_updates(Part& part, const Item& root);
  void read_losses(Part& part, const Item* losses, Update& update);
  std::vector<int> trainable_nodes(const std::string& pattern) const;
  bool is_removed(const std::string& pattern) const;

  Library& library_;
  const NodeCatalogue& catalogue_;
  Diagnostics& diagnostics_;
  FlatGraph flat_;
  std::deque<Part> parts_;
  std::vector<std::string> stack_;  ///< files being put in, to find those that hold themselves
  std::deque<ActiveChange> changes_;
  std::vector<ActivePattern> patterns_;
  std::vector<std::string> removed_;
  std::set<int> bypassed_;
  bool is_full_reported_ = false;
};

}  // namespace weft::graph
