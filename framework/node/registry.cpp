#include "framework/node/registry.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <algorithm>
#include <set>

namespace weft {
namespace {

bool is_type_name(const std::string& type) {
  const std::vector<std::string> parts = split(type, '.');
  const auto is_word = [](const std::string& part) {
    return !part.empty() && part.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
  };
  return parts.size() == 2 && std::all_of(parts.begin(), parts.end(), is_word);
}

/// Faults that only an author can make, found when the type is registered and not when a graph first uses it.
void check_spec(const NodeSpec& spec) {
  const auto fault = [&](const std::string& what) { throw Error(Exit::Plugin, text(spec.type, ": ", what)); };
  if (spec.is_source && !spec.inputs.empty()) fault("a source (run() returns std::optional) has no inputs");
  std::set<std::string> names;
  for (const PortSpec& port : spec.inputs) {
    if (!names.insert(port.name).second) fault(text("the input `", port.name, "` is declared twice"));
    if (!port.like.empty()) fault(text("the input `", port.name, "` says like; only outputs can"));
  }
  names.clear();
  for (const PortSpec& port : spec.outputs) {
    if (!names.insert(port.name).second) fault(text("the output `", port.name, "` is declared twice"));
    if (!port.like.empty() && !spec.find_input(port.like)) {
      fault(text("the output `", port.name, "` is like `", port.like, "`, which is no input"));
    }
  }
  for (const auto& [output, input] : spec.passes) {
    if (!spec.find_input(input)) fault(text("`", input, "` should pass through, but is no input"));
  }
  static const std::set<std::string> reserved = {"use",      "in",   "about",     "every",
                                                 "multiple", "fold", "recompute", "share"};
  for (const ParamSpec& param : spec.params) {
    if (reserved.contains(param.name)) fault(text("a parameter cannot be called `", param.name, '`'));
  }
}

}  // namespace

void Registry::add(NodeSpec spec, Maker maker) {
  if (!is_type_name(spec.type)) {
    throw Error(Exit::Plugin, text("\"", spec.type, "\" is not a node type: write family.name in small letters"));
  }
  check_spec(spec);
  spec.plugin = plugin_;
  const auto [taken, is_new] = types_.try_emplace(spec.type);
  if (!is_new) {
    throw Error(Exit::Plugin,
                text("the node type ", spec.type, " is already there, from the plugin ", taken->second.spec.plugin));
  }
  taken->second = {std::move(spec), maker};
}

const NodeSpec* Registry::find(const std::string& type) const {
  const auto found = types_.find(type);
  return found == types_.end() ? nullptr : &found->second.spec;
}

std::vector<std::string> Registry::types() const {
  std::vector<std::string> names;
  for (const auto& [name, type] : types_) names.push_back(name);
  return names;
}

std::unique_ptr<Node> Registry::make(const std::string& type) const {
  const auto found = types_.find(type);
  if (found == types_.end()) throw Error(Exit::Plugin, text("there is no node type ", type));
  return found->second.maker();
}

void Registry::remove_plugin(const std::string& name) {
  std::erase_if(types_, [&](const auto& entry) { return entry.second.spec.plugin == name; });
}

}  // namespace weft
