#include "framework/graph/warnings.h"

#include "framework/base/text.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace weft::graph {
namespace {

/// Whether a text has a name as a word: "$size", "x before given".
bool has_word(std::string_view text, std::string_view word) {
  const auto is_of_name = [](char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)); };
  for (size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const size_t end = at + word.size();
    if ((at == 0 || !is_of_name(text[at - 1])) && (end == text.size() || !is_of_name(text[end]))) return true;
  }
  return false;
}

bool reads(const Item& item, std::string_view param) {
  if (item.is_text()) return has_word(item.text, param);
  return std::any_of(item.items.begin(), item.items.end(), [&](const Item& one) { return reads(one, param); }) ||
         std::any_of(item.entries.begin(), item.entries.end(),
                     [&](const Item::Entry& entry) { return entry.key != "about" && reads(entry.value, param); });
}

/// Whether a node of the file that no other file removes, or anything else in it, reads a parameter.
bool reads(const Document& document, std::string_view param) {
  std::set<std::string> removed;
  for (const Overlay& overlay : document.overlays) {
    for (const PathPattern& pattern : overlay.without) removed.insert(pattern.pattern);
    for (const NodeChange& change : overlay.nodes)
      if (reads(change.table, param)) return true;
  }
  for (const auto& [section, place, table] : document.root.entries) {
    if (section == "about") continue;
    if (section != "node" && reads(table, param)) return true;
    if (section != "node") continue;
    for (const Item::Entry& node : table.entries)
      if (!removed.contains(node.key) && reads(node.value, param)) return true;
  }
  return false;
}

}  // namespace

void warn_of_settings_without_effect(const Document& document, const std::vector<Overlay>& settings,
                                     Diagnostics& diagnostics) {
  if (document.root.find("variant")) return;  // variants may well change other files
  for (const Overlay& setting : settings) {
    for (const Item::Entry& param : setting.params) {
      if (!setting.name.starts_with("--set") || reads(document, param.key)) continue;
      diagnostics.warn("W303", param.place, text(setting.name, ": nothing reads the parameter `", param.key, '`'));
    }
  }
}

void warn_of_what_never_runs(const Plan& plan, const std::vector<const Plan*>& others, Diagnostics& diagnostics) {
  const auto never_runs = [](const Plan* other, const std::string& path) {
    return std::any_of(other->never.begin(), other->never.end(),
                       [&](const NeverRuns& one) { return other->graph.node(one.node).path == path; });
  };
  const bool has_cause =
      std::any_of(plan.never.begin(), plan.never.end(), [](const NeverRuns& one) { return !one.reason.empty(); });
  for (const NeverRuns& one : plan.never) {
    const FlatNode& node = plan.graph.nodes[static_cast<size_t>(one.node)];
    if (!std::all_of(others.begin(), others.end(), [&](const Plan* other) { return never_runs(other, node.path); }))
      continue;
    std::string reason = one.reason;
    // A writer whose input never comes is reported only if no other node reports the cause.
    if (reason.empty() && node.spec->is_sink && !has_cause) reason = "nothing ever arrives at its input";
    if (!reason.empty()) diagnostics.warn("W301", node.place, text("node \"", node.path, "\" never runs: ", reason));
  }
}

void warn_of_what_is_unused(const GoalGraph& graph, const std::vector<const Plan*>& plans, Diagnostics& diagnostics) {
  std::set<std::string> used;
  for (const Plan* plan : plans) {
    for (const int node : plan->reachable) used.insert(plan->graph.nodes[static_cast<size_t>(node)].path);
  }
  for (const FlatNode& node : graph.nodes) {
    // Parts of other files may well give more than is asked of them.
    const bool is_of_training = node.role == NodeRole::Loss || node.role == NodeRole::Watched;
    if (is_of_training || node.path.find('.') != std::string::npos || used.contains(node.path)) continue;
    diagnostics.warn("W302", node.place, text("node \"", node.path, "\" is not used: no writer or loss needs it"));
  }
}

bool keeps_too_much(const Plan& plan, Diagnostics& diagnostics) {
  if (plan.kept <= kMostKept) return false;
  const auto longest = std::max_element(plan.slots.begin(), plan.slots.end(),
                                        [](const Slot& a, const Slot& b) { return a.length < b.length; });
  const Step& step = plan.steps[static_cast<size_t>(longest->step)];
  diagnostics.error("E504", plan.graph.nodes[static_cast<size_t>(step.node)].place,
                    text("the graph keeps ", plan.kept, " frames of its past, more than ", kMostKept, "; ",
                         longest->length, " are of \"", plan.graph.output_name(step.node, longest->output), '"'),
                    "shorten the delays and windows");
  return true;
}

}  // namespace weft::graph
