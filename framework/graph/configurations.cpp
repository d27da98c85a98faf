#include "framework/graph/configurations.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/graph/library.h"

#include <algorithm>
#include <filesystem>
#include <set>

namespace weft::graph {
namespace {

/// Each is checked as a graph of its own.
constexpr size_t kMostConfigurations = 1000;

void check_keys(const Item& table, const std::vector<std::string>& keys, const std::string& owner,
                Diagnostics& diagnostics) {
  for (const Item::Entry& entry : table.entries) {
    if (std::find(keys.begin(), keys.end(), entry.key) == keys.end()) {
      diagnostics.error("E105", entry.place, text(owner, " has no key `", entry.key, '`'),
                        [&] { return did_you_mean(entry.key, keys); });
    }
  }
}

/// Reads `carry` of a stage.
void read_carry(const Item& carry, bool is_first, StageTable& stage, Diagnostics& diagnostics) {
  const bool is_good = carry.is_table() && std::all_of(carry.entries.begin(), carry.entries.end(),
                                                       [](const Item::Entry& entry) { return entry.value.is_text(); });
  if (!is_good) {
    return diagnostics.error(
        "E106", carry.place,
        "`carry` must be a table such as { \"F.coarse\" = \"F\" }: new path = path in the stage before");
  }
  if (is_first) diagnostics.error("E106", carry.place, "the first stage has nothing to carry from");
  for (const Item::Entry& entry : carry.entries) stage.carry[entry.key] = entry.value.text;
}

StageTable read_stage(const Item& table, size_t index, const std::string& owner, Diagnostics& diagnostics) {
  static const std::vector<std::string> keys = {"name", "about", "epochs",  "carry", "optimiser",
                                                "set",  "swap",  "without", "bypass"};
  check_keys(table, keys, owner, diagnostics);
  StageTable stage;
  const Item *name = table.find("name"), *epochs = table.find("epochs"), *optimiser = table.find("optimiser");
  stage.name = name && name->is_text() ? name->text : text(index + 1);
  if (epochs && epochs->is(Item::Type::Integer) && epochs->integer >= 1) {
    stage.epochs = epochs->integer;
  } else {
    diagnostics.error("E106", epochs ? epochs->place : table.place, text(owner, " needs `epochs`, an integer from 1"));
  }
  stage.has_new_optimiser = optimiser && optimiser->is_text() && optimiser->text == "new";
  if (optimiser && !stage.has_new_optimiser && !(optimiser->is_text() && optimiser->text == "keep"))
    diagnostics.error("E206", optimiser->place, text(owner, ": `optimiser` must be \"keep\" or \"new\""));
  if (const Item* carry = table.find("carry")) read_carry(*carry, index == 0, stage, diagnostics);
  return stage;
}

void add_stages(const Item& root, std::vector<Configuration>& configurations, Diagnostics& diagnostics) {
  const Item* stages = root.find("stage");
  if (!stages) return;
  if (!stages->is(Item::Type::Array))
    return diagnostics.error("E106", stages->place, "stages are written [[stage]], with two brackets");
  for (size_t i = 0; i < stages->items.size(); ++i) {
    const Item& table = stages->items[i];
    if (!table.is_table()) {
      diagnostics.error("E106", table.place, "a stage must be a table");
      continue;
    }
    const Item* name = table.find("name");
    const std::string owner = name && name->is_text() ? text("stage \"", name->text, '"') : text("stage ", i + 1);
    StageTable stage = read_stage(table, i, owner, diagnostics);
    configurations.push_back({owner, read_overlay(owner, table, diagnostics), std::move(stage), {}});
  }
}

void check_measure(const Item& table, Diagnostics& diagnostics) {
  const Item* measure = table.find("measure");
  if (measure && !measure->is_text())
    diagnostics.error("E106", measure->place, "`measure` must be the path of the graph that measures");
}

void check_file_of_measure(const Item& table, Diagnostics& diagnostics) {
  const Item* measure = table.find("measure");
  if (!measure || !measure->is_text()) return;
  const std::string file = resolve_path(measure->text, measure->place);
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error))
    diagnostics.error("E102", measure->place, text("`measure` = \"", measure->text, "\": there is no file ", file));
}

std::optional<Item> read_base(const Item& variant, const std::string& owner, Diagnostics& diagnostics) {
  const Item* base = variant.find("base");
  if (!base) return {};
  if (base->is_text() || base->is(Item::Type::Array)) return *base;
  diagnostics.error(
      "E106", base->place,
      text(owner, ": `base` must be the path of a graph file, or a list of paths, not ", base->describe()));
  return {};
}

void add_variants(const Item& root, std::vector<Configuration>& configurations, Diagnostics& diagnostics) {
  static const std::vector<std::string> keys = {"about", "default", "base",   "set",
                                                "swap",  "without", "bypass", "measure"};
  const Item* variants = root.find("variant");
  if (!variants) return;
  if (!variants->is_table()) return diagnostics.error("E106", variants->place, "variants are written [variant.NAME]");
  for (const auto& [name, place, variant] : variants->entries) {
    const std::string owner = text("variant ", name);
    if (!variant.is_table()) {
      diagnostics.error("E106", variant.place, text(owner, " must be a table"));
      continue;
    }
    check_keys(variant, keys, owner, diagnostics);
    check_measure(variant, diagnostics);
    const Item* is_default = variant.find("default");
    if (is_default && !is_default->is(Item::Type::Boolean))
      diagnostics.error("E106", is_default->place, text(owner, ": `default` must be true or false"));
    configurations.push_back(
        {owner, read_overlay(owner, variant, diagnostics), {}, read_base(variant, owner, diagnostics)});
  }
}

void add_grid(const Item& root, std::vector<Configuration>& configurations, Diagnostics& diagnostics) {
  const Item* grid = root.find("grid");
  if (!grid) return;
  if (!grid->is_table()) return diagnostics.error("E106", grid->place, "[grid] must be a table of paths and lists");
  for (const auto& [path, place, values] : grid->entries) {
    if (!values.is(Item::Type::Array) || values.items.empty()) {
      diagnostics.error("E106", values.place,
                        text("[grid] \"", path, "\" must be a list of values, not ", values.describe()));
      continue;
    }
    for (const Item& value : values.items) {
      const std::string name = text("grid point ", path, " = ", value.toml());
      configurations.push_back({name, make_setting(name, path, value), {}, {}});
    }
  }
}

void check_seeds(const Item& root, Diagnostics& diagnostics) {
  const Item* seeds = root.find("seeds");
  if (!seeds) return;
  std::set<int64_t> known;
  for (const Item& seed : seeds->items) {
    if (!seed.is(Item::Type::Integer)) continue;
    if (seed.integer < 0) diagnostics.error("E206", seed.place, text("`seeds` must be at least 0, not ", seed.integer));
    if (!known.insert(seed.integer).second)
      diagnostics.error("E206", seed.place, text("`seeds` has ", seed.integer, " twice"));
  }
}

void check_lists(const Item& root, Diagnostics& diagnostics) {
  const auto check_list = [&](const char* key, Item::Type type, const char* what) {
    const Item* list = root.find(key);
    if (!list) return;
    const bool is_good = list->is(Item::Type::Array) && std::all_of(list->items.begin(), list->items.end(),
                                                                    [&](const Item& item) { return item.is(type); });
    if (!is_good) diagnostics.error("E106", list->place, text('`', key, "` must be a list of ", what));
  };
  check_list("seeds", Item::Type::Integer, "integers");
  check_seeds(root, diagnostics);
  check_list("report", Item::Type::Text, "texts");
}

/// How many of a kind a table or list stands for.
size_t count_in(const Item* item) {
  return item ? item->items.size() + item->entries.size() : 0;
}

size_t count_of_configurations(const Item& root, bool with_stages, bool with_variants) {
  size_t count = with_stages ? count_in(root.find("stage")) : 0;
  if (!with_variants) return count;
  count += count_in(root.find("variant"));
  const Item* grid = root.find("grid");
  if (!grid) return count;
  for (const Item::Entry& entry : grid->entries) count += entry.value.items.size();
  return count;
}

}  // namespace

std::vector<Configuration> read_configurations(const Item& root, bool with_stages, bool with_variants,
                                               Diagnostics& diagnostics) {
  const size_t count = count_of_configurations(root, with_stages, with_variants);
  if (count > kMostConfigurations) {
    diagnostics.error(
        "E110", root.place,
        text("the file has ", count, " stages, variants and grid points, more than ", kMostConfigurations));
    return {};
  }
  std::vector<Configuration> configurations;
  if (with_stages) add_stages(root, configurations, diagnostics);
  if (with_variants) {
    add_variants(root, configurations, diagnostics);
    add_grid(root, configurations, diagnostics);
    check_lists(root, diagnostics);
    check_measure(root, diagnostics);
  }
  return configurations;
}

void check_measures(const Item& root, Diagnostics& diagnostics) {
  check_file_of_measure(root, diagnostics);
  const Item* variants = root.find("variant");
  if (!variants) return;
  for (const Item::Entry& variant : variants->entries) check_file_of_measure(variant.value, diagnostics);
}

std::vector<std::string> variant_names(const Item& root) {
  std::vector<std::string> names;
  if (const Item* variants = root.find("variant")) {
    for (const Item::Entry& variant : variants->entries) names.push_back(variant.key);
  }
  if (const Item* grid = root.find("grid")) {
    for (const Item::Entry& entry : grid->entries) {
      for (const Item& value : entry.value.items) names.push_back(text(entry.key, '=', value.toml()));
    }
  }
  return names;
}

std::vector<std::string> default_variant_names(const Item& root) {
  std::vector<std::string> names = variant_names(root);
  const Item* variants = root.find("variant");
  std::erase_if(names, [&](const std::string& name) {
    const Item* variant = variants ? variants->find(name) : nullptr;
    const Item* is_default = variant ? variant->find("default") : nullptr;
    return is_default && !is_default->boolean;
  });
  return names;
}

size_t place_of_variant(const std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    Error error(Exit::Usage, text("--variant ", name, ": the file has no such variant"));
    throw error.hint(names.empty() ? "variants are written [variant.NAME]" : text("it has ", join(names)));
  }
  return static_cast<size_t>(found - names.begin());
}

Configuration variant_of(const Item& root, const std::string& name) {
  Diagnostics faults;
  std::vector<Configuration> all = read_configurations(root, false, true, faults);
  const std::vector<std::string> names = variant_names(root);
  faults.throw_errors();
  return std::move(all[place_of_variant(names, name)]);
}

}  // namespace weft::graph
