#include "framework/graph/overlay.h"

#include "framework/base/text.h"
#include "framework/graph/toml.h"

#include <algorithm>

namespace weft::graph {
namespace {

const std::vector<std::string> kSettable = {"params", "inputs", "stream", "node",   "outputs", "weights",
                                            "run",    "update", "seeds",  "report", "about"};

bool is_settable(const std::string& section) {
  return std::find(kSettable.begin(), kSettable.end(), section) != kSettable.end();
}

void add_node_changes(const Item& nodes, bool is_swap, Overlay& overlay, Diagnostics& diagnostics) {
  if (!nodes.is_table()) {
    return diagnostics.error("E106", nodes.place, text("a table of nodes is expected here, not ", nodes.describe()));
  }
  for (const auto& [path, place, table] : nodes.entries) {
    if (!table.is_table()) {
      diagnostics.error("E106", table.place,
                        text("the node `", path, "` must be changed by a table of keys, not by ", table.describe()));
    } else if (is_swap && !table.find("use")) {
      diagnostics.error("E106", place, text("`swap.", path, "` has no `use`"),
                        "write swap.NODE = { use = \"family.name\", … }");
    } else {
      overlay.nodes.push_back({path, place, table, is_swap});
    }
  }
}

void add_set(const Item& set, Overlay& overlay, Diagnostics& diagnostics) {
  if (!set.is_table()) return diagnostics.error("E106", set.place, "`set` must be a table");
  for (const Item::Entry& entry : set.entries) {
    if (entry.key == "node") {
      add_node_changes(entry.value, false, overlay, diagnostics);
    } else if (entry.key == "params" && entry.value.is_table()) {
      overlay.params = entry.value.entries;
    } else if (is_settable(entry.key)) {
      overlay.root.set(entry.key, entry.value, entry.place);
    } else {
      diagnostics.error("E701", entry.place, text("`set.", entry.key, "` is no part of a graph"),
                        [&] { return did_you_mean(entry.key, kSettable); });
    }
  }
}

void add_patterns(const Item& list, std::string_view key, std::vector<PathPattern>& patterns,
                  Diagnostics& diagnostics) {
  const bool is_list = list.is(Item::Type::Array) && std::all_of(list.items.begin(), list.items.end(),
                                                                 [](const Item& item) { return item.is_text(); });
  if (!is_list) return diagnostics.error("E106", list.place, text('`', key, "` must be a list of paths"));
  for (const Item& item : list.items) patterns.push_back({item.text, item.place});
}

/// `a.b."c.d"` -> a, b, c.d.
std::vector<std::string> path_segments(std::string_view path) {
  std::vector<std::string> segments(1);
  bool is_quoted = false;
  for (const char c : path) {
    if (c == '"') {
      is_quoted = !is_quoted;
    } else if (c == '.' && !is_quoted) {
      segments.emplace_back();
    } else {
      segments.back() += c;
    }
  }
  return segments;
}

}  // namespace

bool Overlay::is_empty() const {
  return root.entries.empty() && params.empty() && nodes.empty() && without.empty() && bypass.empty();
}

Overlay read_overlay(const std::string& name, const Item& table, Diagnostics& diagnostics) {
  Overlay overlay;
  overlay.name = name;
  if (const Item* set = table.find("set")) add_set(*set, overlay, diagnostics);
  if (const Item* swap = table.find("swap")) add_node_changes(*swap, true, overlay, diagnostics);
  if (const Item* without = table.find("without")) add_patterns(*without, "without", overlay.without, diagnostics);
  if (const Item* bypass = table.find("bypass")) add_patterns(*bypass, "bypass", overlay.bypass, diagnostics);
  return overlay;
}

Overlay read_setting(const std::string& assignment) {
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw Error(Exit::Usage, text("--set ", assignment, ": write --set name=value"));
  }
  Item value = parse_value(assignment.substr(equals + 1));
  // A text that happens to be a number stays a text where a text is wanted.
  if (!value.is_text()) value.text = assignment.substr(equals + 1);
  return make_setting(text("--set ", assignment), assignment.substr(0, equals), std::move(value));
}

Overlay make_setting(const std::string& name, const std::string& path, Item value) {
  std::vector<std::string> segments = path_segments(path);
  const Place place = value.place;
  if (std::any_of(segments.begin(), segments.end(), [](const std::string& segment) { return segment.empty(); })) {
    throw Error(Exit::Usage, text(name, ": the path has an empty part"));
  }
  Overlay overlay;
  overlay.name = name;
  if (segments.size() == 1 || (segments.size() == 2 && segments.front() == "params")) {
    overlay.params.push_back({segments.back(), place, std::move(value)});
    return overlay;
  }
  if (!is_settable(segments.front())) segments.insert(segments.begin(), "node");
  const bool is_node = segments.front() == "node";
  const size_t outermost = is_node ? 2 : 1;
  for (size_t i = segments.size() - 1; i >= outermost; --i) {
    Item table = Item::table(place);
    table.set(segments[i], std::move(value), place);
    value = std::move(table);
  }
  if (!is_node) {
    overlay.root.set(segments.front(), std::move(value), place);
  } else if (value.is_table()) {
    overlay.nodes.push_back({segments[1], place, std::move(value), false});
  } else {
    throw Error(Exit::Usage, text(name, ": which key of the node?"))
        .hint(text("write --set ", segments[1], ".key=value"));
  }
  return overlay;
}

}  // namespace weft::graph
