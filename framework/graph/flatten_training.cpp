#include "framework/graph/flattener.h"
#include "framework/graph/schedule.h"
#include "framework/graph/settings.h"

#include <algorithm>

namespace weft::graph {
namespace {

/// Of [weights] and `of`, each of which is compared with all nodes.
constexpr size_t kMostRows = 1000;

}  // namespace

std::vector<int> Flattener::trainable_nodes(const std::string& pattern) const {
  std::vector<int> nodes;
  for (size_t i = 0; i < flat_.nodes.size(); ++i) {
    const FlatNode& node = flat_.nodes[i];
    const bool fits = path_matches(node.path, pattern) || path_matches(node.path, pattern + ".**");
    if (fits && node.spec->is_trainable && node.shares < 0) nodes.push_back(static_cast<int>(i));
  }
  return nodes;
}

bool Flattener::is_removed(const std::string& pattern) const {
  return std::any_of(removed_.begin(), removed_.end(), [&](const std::string& path) {
    return path_matches(path, pattern) || path_matches(pattern, path + ".**");
  });
}

void Flattener::read_weights(Part& part, const Item& root) {
  const Item* table = root.find("weights");
  if (!table) return;
  if (!table->is_table())
    return diagnostics_.error("E106", table->place, "[weights] must be a table of paths and files");
  if (table->entries.size() > kMostRows)
    return diagnostics_.error("E110", table->place, text("[weights] has more than ", kMostRows, " rows"));
  for (const auto& [path, place, item] : table->entries) {
    auto source = read_weight(part, path, place, item);
    if (!source) continue;
    if (trainable_nodes(path).empty()) {
      if (is_removed(path)) continue;
      diagnostics_.error("E606", place, text("[weights] names \"", path, "\", but there is no network at that path"),
                         [&, &named = path] { return did_you_mean(named, all_paths()); });
      continue;
    }
    flat_.weights.push_back(std::move(*source));
  }
}

std::optional<WeightSource> Flattener::read_weight(Part& part, const std::string& path, const Place& place,
                                                   const Item& item) {
  WeightSource source;
  source.path = path;
  source.place = place;
  const auto use_file = [&](const Item& named) {
    const Item file = value_of(part, named);
    if (!file.is_text()) {
      diagnostics_.error("E106", named.place,
                         text("weights are the path of a file, \"random\" or \"fill\", not ", file.describe()));
      return false;
    }
    source.file = file.text;
    if (source.is_file()) source.file = resolve_path(file.text, file.place);
    return true;
  };
  if (!item.is_table()) return use_file(item) ? std::optional(source) : std::nullopt;
  bool is_good = item.find("file") != nullptr;
  if (!is_good) diagnostics_.error("E106", item.place, text("the weights of \"", path, "\" have no `file`"));
  for (const auto& [key, key_place, value] : item.entries) {
    if (key == "file") {
      is_good = use_file(value) && is_good;
    } else if (key == "prefix" && value.is_text()) {
      source.prefix = value.text;
    } else if (key == "only" && value.is_text() && value.text == "matching") {
      source.only_matching = true;
    } else if (key == "optional" && value.param_value() && convert(*value.param_value(), ParamType::Texts)) {
      source.optional = std::get<std::vector<std::string>>(*convert(*value.param_value(), ParamType::Texts));
    } else {
      static const std::vector<std::string> keys = {"file", "prefix", "optional", "only"};
      const bool is_known = std::find(keys.begin(), keys.end(), key) != keys.end();
      diagnostics_.error(
          is_known ? "E106" : "E105", is_known ? value.place : key_place,
          is_known ? text("`", key, "` cannot be ", value.toml()) : text("[weights] has no key `", key, '`'),
          is_known ? "prefix = \"text\", optional = [\"patterns\"], only = \"matching\"" : did_you_mean(key, keys));
      is_good = false;
    }
  }
  return is_good ? std::optional(source) : std::nullopt;
}

void Flattener::read_updates(Part& part, const Item& root) {
  const Item* table = root.find("update");
  if (!table) return;
  if (!table->is_table())
    return diagnostics_.error("E106", table->place, "[update] must hold tables, as in [update.G]");
  for (const auto& [name, place, item] : table->entries) {
    Update update;
    update.name = name;
    update.place = place;
    const SettingsReading reading = read_settings(
        update_settings(), &item, text("[update.", name, "]"),
        [](const std::string& key) { return key == "of" || key == "loss"; }, diagnostics_);
    update.settings = reading.values;
    std::string fault;
    if (!Schedule::parse(std::get<std::string>(update.settings.at("schedule")), fault))
      diagnostics_.error("E206", reading.places.at("schedule"), text("[update.", name, "]: `schedule` ", fault));
    const Item* of = item.is_table() ? item.find("of") : nullptr;
    if (!of || !of->is(Item::Type::Array)) {
      diagnostics_.error("E601", of ? of->place : place,
                         text("[update.", name, "] needs `of`, a list of the networks that it changes"));
    } else if (of->items.size() > kMostRows) {
      diagnostics_.error("E110", of->place, text("[update.", name, "]: `of` has more than ", kMostRows, " items"));
    } else {
      for (const Item& path : of->items) {
        const std::vector<int> nodes = path.is_text() ? trainable_nodes(path.text) : std::vector<int>();
        update.nodes.insert(update.nodes.end(), nodes.begin(), nodes.end());
        if (!nodes.empty() || (path.is_text() && is_removed(path.text))) continue;
        diagnostics_.error("E601", path.place, text("[update.", update.name, "]: there is no network at ", path.toml()),
                           [&] { return path.is_text() ? did_you_mean(path.text, all_paths()) : ""; });
      }
    }
    read_losses(part, item.is_table() ? item.find("loss") : nullptr, update);
    flat_.updates.push_back(std::move(update));
  }
}

void Flattener::read_losses(Part& part, const Item* losses, Update& update) {
  if (!losses || !losses->is_table() || losses->entries.empty()) {
    return diagnostics_.error("E605", losses ? losses->place : update.place,
                              text("[update.", update.name, "] has no losses"),
                              text("write [update.", update.name, ".loss] with lines such as match = 10.0"));
  }
  for (const auto& [name, place, item] : losses->entries) {
    const Item value = value_of(part, item);
    if (!value.is(Item::Type::Real) && !value.is(Item::Type::Integer)) {
      diagnostics_.error("E605", item.place,
                         text("the weight of the loss ", name, " must be a number, not ", value.describe()));
      continue;
    }
    SyntaxFault fault;
    const auto expression = parse_expression(name, fault);
    const Reference reference{Item::of_text(name, place), expression.value_or(Expression{})};
    const bool is_plain = expression && expression->terms.size() == 1 && !expression->terms.front().window &&
                          !expression->terms.front().before && !expression->terms.front().is_zeros;
    if (!is_plain) {
      diagnostics_.error("E605", place, text("\"", name, "\" is not a loss: write the name of a node, or node.output"));
      continue;
    }
    LossTerm loss;
    loss.text = name;
    loss.place = place;
    loss.weight = value.is(Item::Type::Real) ? value.real : static_cast<double>(value.integer);
    loss.term.place = place;
    loss.term.text = name;
    if (resolve_term(part, reference, expression->terms.front(), loss.term)) update.losses.push_back(std::move(loss));
  }
}

}  // namespace weft::graph
