#include "framework/graph/document.h"

#include "framework/base/text.h"
#include "framework/graph/diagnostics.h"

#include <array>
#include <utility>

namespace weft::graph {
namespace {

constexpr std::array kChanges = {"set", "swap", "without", "bypass"};  // of another file

size_t size_of(const Item& item) {
  size_t size = 1;
  for (const Item& element : item.items) size += size_of(element);
  for (const Item::Entry& entry : item.entries) size += size_of(entry.value);
  return size;
}

/// @throws Error  E701 where a file without a `base` changes another one
void check_changes_nothing(const Item& own) {
  for (const char* key : kChanges) {
    const Item* change = own.find(key);
    if (!change) continue;
    throw GraphError("E701", change->place, text('`', key, "` changes another file, and this one has no `base`"),
                     "write base = \"FILE.toml\", or use this file after the one that it changes: base = "
                     "[\"FILE.toml\", \"THIS.toml\"]");
  }
}

/// A whole [node.NAME] of a file brings a node back that a file below it removes by `without`.
void bring_back(Document& document, const Item& own) {
  const Item* nodes = own.find("node");
  if (!nodes || !nodes->is_table()) return;
  for (const auto& [name, place, table] : nodes->entries) {
    if (!table.is_table() || !table.find("use")) continue;
    for (Overlay& overlay : document.overlays) {
      const auto is_it = [&](const PathPattern& pattern) { return pattern.pattern == name; };
      if (std::erase_if(overlay.without, is_it) == 0) continue;
      std::erase_if(overlay.nodes, [&](const NodeChange& change) { return change.pattern == name; });
      if (Item* earlier = document.root.find("node")) earlier->erase(name);
    }
  }
}

/// What the [node.NAME] of a file change in nodes that there are already, and [node."F.*"] in all that fit: they count after what
/// the files below it change. Names of the latter kind are taken out of the file.
std::vector<NodeChange> take_changes(const Document& document, Item& own) {
  std::vector<NodeChange> changes;
  Item* nodes = own.find("node");
  if (!nodes || !nodes->is_table()) return changes;
  const Item* earlier = document.root.find("node");
  for (const auto& [name, place, table] : nodes->entries) {
    const bool is_known = earlier && earlier->is_table() && earlier->find(name);
    if (table.is_table() && (is_pattern(name) || is_known)) changes.push_back({name, place, table, false, is_known});
  }
  std::erase_if(nodes->entries,
                [](const Item::Entry& entry) { return entry.value.is_table() && is_pattern(entry.key); });
  return changes;
}

/// A plain value of a parameter that is declared below is its new default; the rest of the declaration stays.
void keep_declarations(const Item& below, Item& own) {
  const Item* declared = below.find("params");
  if (!declared || !declared->is_table()) return;
  for (Item::Entry& table : own.entries) {
    if (table.key != "params" || !table.value.is_table()) continue;
    for (Item::Entry& param : table.value.entries) {
      const Item* before = declared->find(param.key);
      if (!before || !before->is_table() || param.value.is_table()) continue;
      Item declaration = Item::table(param.place);
      declaration.set("default", std::move(param.value), param.place);
      param.value = std::move(declaration);
    }
  }
}

}  // namespace

Document make_document(const std::string& file, Item own) {
  check_changes_nothing(own);
  const size_t size = size_of(own);
  return {file, std::move(own), {}, size};
}

void lay_over(Document& document, Item own, const std::string& file) {
  // Changes by path are kept apart: they hold for nodes inside other files too.
  Diagnostics faults;
  Overlay overlay = read_overlay(file, own, faults);
  if (faults.has_errors()) {
    const Diagnostic& first = faults.all().front();
    throw GraphError(first.code, first.place, first.message, first.hint);
  }
  bring_back(document, own);
  const std::vector<NodeChange> later = take_changes(document, own);
  overlay.nodes.insert(overlay.nodes.begin(), later.begin(), later.end());
  document.size += size_of(own);
  own.erase("base");
  for (const char* key : kChanges) own.erase(key);
  if (!overlay.params.empty()) {
    Item params = Item::table(own.place);
    params.entries.swap(overlay.params);
    overlay.root.set("params", params, params.place);
  }
  merge(document.root, overlay.root);
  keep_declarations(document.root, own);
  merge(document.root, own);
  document.root.place = own.place;
  overlay.root = Item::table({});
  if (!overlay.is_empty()) document.overlays.push_back(std::move(overlay));
}

}  // namespace weft::graph
