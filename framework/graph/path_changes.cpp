#include "framework/graph/path_changes.h"

#include "framework/base/text.h"
#include "framework/graph/part.h"

#include <algorithm>
#include <set>

namespace weft::graph {

std::deque<PathChanges::Change> PathChanges::changes_of(const Overlay& overlay, const std::string& prefix) {
  std::deque<Change> changes;
  for (const NodeChange& change : overlay.nodes) {
    changes.push_back({change, overlay.name});
    changes.back().change.pattern = inside(prefix, change.pattern);
  }
  return changes;
}

void PathChanges::add_patterns(const Overlay& overlay, const std::string& prefix) {
  for (const PathPattern& pattern : overlay.without)
    patterns_.push_back({{inside(prefix, pattern.pattern), pattern.place}, "without"});
  for (const PathPattern& pattern : overlay.bypass)
    patterns_.push_back({{inside(prefix, pattern.pattern), pattern.place}, "bypass"});
}

void PathChanges::add(const Overlay& overlay) {
  const std::deque<Change> added = changes_of(overlay, "");
  changes_.insert(changes_.end(), added.begin(), added.end());
  add_patterns(overlay, "");
}

void PathChanges::add_first(const Overlay& overlay, const std::string& prefix) {
  const std::deque<Change> added = changes_of(overlay, prefix);
  changes_.insert(changes_.begin(), added.begin(), added.end());
  add_patterns(overlay, prefix);
}

void PathChanges::add_change(NodeChange change, const std::string& owner) {
  changes_.push_back({std::move(change), owner});
}

void PathChanges::add_first_change(NodeChange change, const std::string& owner) {
  changes_.push_front({std::move(change), owner});
}

void PathChanges::clear() {
  changes_.clear();
  patterns_.clear();
}

bool PathChanges::matches(std::string_view key, const std::string& path) {
  bool is_matched = false;
  for (Pattern& one : patterns_) {
    if (one.key != key || !path_matches(path, one.pattern.pattern)) continue;
    one.is_used = is_matched = true;
  }
  return is_matched;
}

Item PathChanges::changed(const std::string& path, const Item& table, std::optional<Place>& swapped_at) {
  static const std::set<std::string> kept = {"in", "about", "every", "multiple", "fold", "recompute"};
  Item changed = table;
  for (Change& one : changes_) {
    if (!path_matches(path, one.change.pattern)) continue;
    one.is_used = true;
    if (one.change.is_swap) {
      swapped_at = one.change.place;
      const bool has_edges =
          one.change.table.find("in") != nullptr;  // of the new type: they replace those of the old one
      std::erase_if(changed.entries, [&](const Item::Entry& entry) {
        return !kept.contains(entry.key) || (has_edges && entry.key == "in");
      });
    }
    merge(changed, one.change.table);
  }
  return changed;
}

void PathChanges::report_unused(const std::vector<std::string>& paths, Diagnostics& diagnostics) const {
  for (const Change& one : changes_) {
    if (one.is_used || one.change.may_miss) continue;
    const std::string owner = one.owner.starts_with("--set") ? one.owner + ": " : "";
    diagnostics.error("E701", one.change.place, text(owner, "no node has the path \"", one.change.pattern, '"'),
                      [&] { return did_you_mean(one.change.pattern, paths); });
  }
  for (const Pattern& one : patterns_) {
    if (one.is_used) continue;
    diagnostics.error("E701", one.pattern.place,
                      text('`', one.key, "`: no node has the path \"", one.pattern.pattern, '"'));
  }
}

}  // namespace weft::graph
