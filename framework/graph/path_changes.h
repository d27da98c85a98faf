#pragma once

#include "framework/graph/overlay.h"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::graph {

/// What overlays, and files that use others, change in nodes by their paths. Changes are laid on in order, so the last
/// one has the last word.
class PathChanges {
 public:
  /// Overlays of the command line, of stages and of variants come behind those of the files.
  void add(const Overlay& overlay);
  /// An overlay of the file at `prefix` comes before those of the files that use it.
  void add_first(const Overlay& overlay, const std::string& prefix);
  /// @param owner  of the change, for messages
  void add_change(NodeChange change, const std::string& owner);
  void add_first_change(NodeChange change, const std::string& owner);

  size_t size() const { return changes_.size() + patterns_.size(); }
  void clear();

  /// Whether `without`, or `bypass`, names a path.
  bool is_removed(const std::string& path) { return matches("without", path); }
  bool is_bypassed(const std::string& path) { return matches("bypass", path); }
  /// The table of the node at `path` with all changes to it.
  /// @param swapped_at  gets the place of the last `swap` of the node
  Item changed(const std::string& path, const Item& table, std::optional<Place>& swapped_at);

  /// Reports what has changed nothing (E701).
  /// @param paths  those that there are
  void report_unused(const std::vector<std::string>& paths, Diagnostics& diagnostics) const;

 private:
  struct Change {
    NodeChange change;
    std::string owner;
    bool is_used = false;
  };
  struct Pattern {
    PathPattern pattern;
    std::string_view key;  ///< without, bypass
    bool is_used = false;
  };

  static std::deque<Change> changes_of(const Overlay& overlay, const std::string& prefix);
  void add_patterns(const Overlay& overlay, const std::string& prefix);
  bool matches(std::string_view key, const std::string& path);

  std::deque<Change> changes_;
  std::vector<Pattern> patterns_;
};

}  // namespace weft::graph
