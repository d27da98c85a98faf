#include "framework/graph/training_tables.h"

#include "framework/graph/resolve.h"

#include <algorithm>

namespace weft::graph {
namespace {

/// Of [weights] and `of`, each of which is compared with all nodes; and of updates and their losses.
constexpr size_t kMostRows = 1000;

class TrainingTables {
 public:
  TrainingTables(Declarations& declared, Diagnostics& diagnostics)
      : declared_(declared),
        flat_(declared.flat),
        part_(declared.parts.front()),
        resolver_(declared, part_, diagnostics),
        diagnostics_(diagnostics) {}

  void read_weights(const Item& root);
  void read_updates(const Item& root);

 private:
  std::optional<WeightSource> read_weight(const std::string& path, const Place& place, const Item& item);
  bool read_weight_key(const Item::Entry& entry, WeightSource& source);
  bool read_weight_file(const Item& named, WeightSource& source);
  void read_update(const Item::Entry& entry);
  void read_of(const Item& table, Update& update);
  void read_losses(const Item* losses, Update& update);
  void read_loss(const Item::Entry& entry, Update& update);
  std::vector<int> trainable_nodes(const std::string& pattern) const;
  bool is_removed(const std::string& pattern) const;
  bool is_there(const std::string& pattern) const;
  Item value_of(const Item& item) const { return with_values(item, part_, flat_.run, diagnostics_); }

  Declarations& declared_;
  FlatGraph& flat_;
  const Part& part_;
  const Resolver resolver_;
  Diagnostics& diagnostics_;
  size_t items_ = 0;  ///< of `of` in all updates
};

std::vector<int> TrainingTables::trainable_nodes(const std::string& pattern) const {
  std::vector<int> nodes;
  for (size_t i = 0; i < flat_.nodes.size(); ++i) {
    const FlatNode& node = flat_.nodes[i];
    const bool fits = path_matches(node.path, pattern) || path_matches(node.path, pattern + ".**");
    if (fits && node.spec->is_trainable && node.shares < 0) nodes.push_back(static_cast<int>(i));
  }
  return nodes;
}

bool TrainingTables::is_removed(const std::string& pattern) const {
  return std::any_of(declared_.removed.begin(), declared_.removed.end(), [&](const std::string& path) {
    return path_matches(path, pattern) || path_matches(pattern, path + ".**");
  });
}

bool TrainingTables::is_there(const std::string& pattern) const {
  const std::vector<std::string> paths = declared_.all_paths();
  return std::any_of(paths.begin(), paths.end(), [&](const std::string& path) { return path_matches(path, pattern); });
}

void TrainingTables::read_weights(const Item& root) {
  const Item* table = root.find("weights");
  if (!table) return;
  if (!table->is_table())
    return diagnostics_.error("E106", table->place, "[weights] must be a table of paths and files");
  if (table->entries.size() > kMostRows)
    return diagnostics_.error("E110", table->place, text("[weights] has more than ", kMostRows, " rows"));
  for (const auto& [path, place, item] : table->entries) {
    auto source = read_weight(path, place, item);
    if (!source) continue;
    if (trainable_nodes(path).empty()) {
      // What is there without a network may have had one in the file that this one is based on.
      if (is_removed(path) || (place.file != root.place.file && is_there(path))) continue;
      if (is_there(path)) {
        diagnostics_.error("E606", place, text("[weights] names \"", path, "\", which is no network"),
                           "networks alone have weights");
        continue;
      }
      diagnostics_.error("E606", place, text("[weights] names \"", path, "\", but there is no network at that path"),
                         [&, &named = path] { return did_you_mean(named, declared_.all_paths()); });
      continue;
    }
    flat_.weights.push_back(std::move(*source));
  }
}

bool TrainingTables::read_weight_file(const Item& named, WeightSource& source) {
  const Item file = value_of(named);
  if (!file.is_text()) {
    diagnostics_.error("E106", named.place,
                       text("weights are the path of a file, \"random\" or \"fill\", not ", file.describe()));
    return false;
  }
  source.file = file.text;
  if (source.is_file()) source.file = resolve_path(file.text, file.place);
  return true;
}

std::optional<WeightSource> TrainingTables::read_weight(const std::string& path, const Place& place, const Item& item) {
  WeightSource source;
  source.path = path;
  source.place = place;
  if (!item.is_table()) return read_weight_file(item, source) ? std::optional(source) : std::nullopt;
  bool is_good = item.find("file") != nullptr;
  if (!is_good) diagnostics_.error("E106", item.place, text("the weights of \"", path, "\" have no `file`"));
  for (const Item::Entry& entry : item.entries) is_good = read_weight_key(entry, source) && is_good;
  return is_good ? std::optional(source) : std::nullopt;
}

/// @returns false when the key or its value is wrong, which is reported
bool TrainingTables::read_weight_key(const Item::Entry& entry, WeightSource& source) {
  static const std::vector<std::string> keys = {"file", "prefix", "optional", "only"};
  const auto& [key, key_place, value] = entry;
  if (key == "file") return read_weight_file(value, source);
  const auto given = value.param_value();
  const auto patterns = given ? convert(*given, ParamType::Texts) : std::nullopt;
  if (key == "prefix" && value.is_text()) {
    source.prefix = value.text;
  } else if (key == "only" && value.is_text() && value.text == "matching") {
    source.only_matching = true;
  } else if (key == "optional" && patterns) {
    source.optional = std::get<std::vector<std::string>>(*patterns);
  } else {
    const bool is_known = std::find(keys.begin(), keys.end(), key) != keys.end();
    diagnostics_.error(
        is_known ? "E106" : "E105", is_known ? value.place : key_place,
        is_known ? text("`", key, "` cannot be ", value.toml()) : text("[weights] has no key `", key, '`'),
        is_known ? "prefix = \"text\", optional = [\"patterns\"], only = \"matching\"" : did_you_mean(key, keys));
    return false;
  }
  return true;
}

void TrainingTables::read_updates(const Item& root) {
  const Item* table = root.find("update");
  if (!table) return;
  if (!table->is_table())
    return diagnostics_.error("E106", table->place, "[update] must hold tables, as in [update.G]");
  size_t rows = table->entries.size();
  for (const Item::Entry& entry : table->entries) {
    const Item* losses = entry.value.is_table() ? entry.value.find("loss") : nullptr;
    if (losses) rows += losses->entries.size();
  }
  if (rows > kMostRows)
    return diagnostics_.error("E110", table->place, text("[update] has more than ", kMostRows, " tables and losses"));
  for (const Item::Entry& entry : table->entries) read_update(entry);
}

void TrainingTables::read_update(const Item::Entry& entry) {
  Update update;
  update.name = entry.key;
  update.place = entry.place;
  update.settings = read_update_settings(entry.key, entry.value, diagnostics_);
  read_of(entry.value, update);
  read_losses(entry.value.is_table() ? entry.value.find("loss") : nullptr, update);
  flat_.updates.push_back(std::move(update));
}

void TrainingTables::read_of(const Item& table, Update& update) {
  const std::string owner = text("[update.", update.name, "]");
  const Item* of = table.is_table() ? table.find("of") : nullptr;
  if (!of || !of->is(Item::Type::Array)) {
    return diagnostics_.error("E601", of ? of->place : update.place,
                              text(owner, " needs `of`, a list of the networks that it changes"));
  }
  items_ += of->items.size();
  if (items_ > kMostRows)
    return diagnostics_.error(
        "E110", of->place, text(owner, ": `of`, with those of the updates above, has more than ", kMostRows, " items"));
  for (const Item& path : of->items) {
    const std::vector<int> nodes = path.is_text() ? trainable_nodes(path.text) : std::vector<int>();
    update.nodes.insert(update.nodes.end(), nodes.begin(), nodes.end());
    if (!nodes.empty() || (path.is_text() && is_removed(path.text))) continue;
    diagnostics_.error("E601", path.place, text(owner, ": there is no network at ", path.toml()),
                       [&] { return path.is_text() ? did_you_mean(path.text, declared_.all_paths()) : ""; });
  }
}

void TrainingTables::read_losses(const Item* losses, Update& update) {
  if (!losses || !losses->is_table() || losses->entries.empty()) {
    return diagnostics_.error("E605", losses ? losses->place : update.place,
                              text("[update.", update.name, "] has no losses"),
                              text("write [update.", update.name, ".loss] with lines such as match = 10.0"));
  }
  for (const Item::Entry& entry : losses->entries) read_loss(entry, update);
}

void TrainingTables::read_loss(const Item::Entry& entry, Update& update) {
  const auto& [name, place, item] = entry;
  const Item value = value_of(item);
  if (!value.is(Item::Type::Real) && !value.is(Item::Type::Integer)) {
    return diagnostics_.error("E605", item.place,
                              text("the weight of the loss ", name, " must be a number, not ", value.describe()));
  }
  SyntaxFault fault;
  const auto expression = parse_expression(name, fault);
  const Reference reference{Item::of_text(name, place), expression.value_or(Expression{})};
  const bool is_plain = expression && expression->terms.size() == 1 && !expression->terms.front().window &&
                        !expression->terms.front().before && !expression->terms.front().is_zeros;
  if (!is_plain) {
    return diagnostics_.error("E605", place,
                              text("\"", name, "\" is not a loss: write the name of a node, or node.output"));
  }
  LossTerm loss;
  loss.text = name;
  loss.place = place;
  loss.weight = value.is(Item::Type::Real) ? value.real : static_cast<double>(value.integer);
  loss.term.place = place;
  loss.term.text = name;
  if (!resolver_.resolve_term(reference, expression->terms.front(), loss.term)) return;
  declared_.redirect(loss.term);
  update.losses.push_back(std::move(loss));
}

}  // namespace

void read_training_tables(const Item& root, Declarations& declared, Diagnostics& diagnostics) {
  TrainingTables tables(declared, diagnostics);
  tables.read_weights(root);
  tables.read_updates(root);
}

}  // namespace weft::graph
