#include "framework/graph/part.h"

#include <algorithm>
#include <cstdlib>

namespace weft::graph {

std::vector<std::string> Declarations::all_paths() const {
  std::vector<std::string> paths;
  for (const FlatNode& node : flat.nodes) paths.push_back(node.path);
  for (const Instance& instance : flat.instances) paths.push_back(instance.path);
  return paths;
}

void Declarations::redirect(FlatTerm& term) const {
  const auto found = passed.find({term.index, term.output});
  if (term.source != FlatTerm::Source::Output || found == passed.end()) return;
  term.source = FlatTerm::Source::Stream;
  term.index = found->second;
  term.output = -1;
}

std::string near_params(const std::string& name, const std::vector<std::string>& all) {
  const std::string meant = did_you_mean(name, all);
  if (!meant.empty()) return meant;
  return all.empty() ? "it has no parameters" : text("its parameters are ", join(all));
}

Item with_values(const Item& item, const Part& part, const RunSettings& run, Diagnostics& diagnostics) {
  if (item.is(Item::Type::Array)) {
    Item list = item;
    for (Item& element : list.items) element = with_values(element, part, run, diagnostics);
    return list;
  }
  if (!item.is_text() || !item.text.starts_with('$')) return item;
  const std::string name = item.text.substr(1);
  if (name.starts_with('$')) return Item::of_text(name, item.place);
  if (name.starts_with("run.")) {
    const auto setting = run.values.find(name.substr(4));
    if (setting != run.values.end()) return Item::of_value(setting->second, item.place);
    diagnostics.error("E208", item.place, text("`", item.text, "` is no setting of [run], or has no value"));
    return Item::of_value(ParamValue(int64_t{1}), item.place);
  }
  const auto found = part.params.find(name);
  if (found != part.params.end()) return found->second;
  diagnostics.error("E208", item.place, text("there is no parameter `", name, "` in this file"), [&] {
    const std::string meant = did_you_mean(name, part.file.param_names());
    const bool is_name = name_fault(name).empty() && std::getenv(name.c_str()) == nullptr;
    return is_name || !meant.empty() ? meant
                                     : "`$` begins a parameter of this file, not a variable of the environment; `$$` "
                                       "is a dollar sign";
  });
  return Item::of_value(ParamValue(int64_t{1}), item.place);
}

bool lacks_value(const Item& item, const Part& part) {
  if (item.is(Item::Type::Array))
    return std::any_of(item.items.begin(), item.items.end(), [&](const Item& one) { return lacks_value(one, part); });
  return item.is_text() && item.text.starts_with('$') && part.missing.contains(item.text.substr(1));
}

}  // namespace weft::graph
