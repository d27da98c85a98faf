#include "framework/train/graph_changes.h"

#include "framework/base/text.h"
#include "framework/graph/graph_text.h"
#include "framework/graph/toml.h"

#include <map>
#include <set>

namespace weft::train {
namespace {

using graph::Item;

bool is_of_name(char letter) {
  return letter == '_' || std::isalnum(static_cast<unsigned char>(letter)) != 0;
}

/// Adds the words of all texts within an item: among them are the names of nodes and streams that it reads.
void add_words(const Item& item, std::vector<std::string>& words) {
  for (const Item& element : item.items) add_words(element, words);
  for (const Item::Entry& entry : item.entries) add_words(entry.value, words);
  std::string word;
  for (const char letter : item.text + ' ') {
    if (is_of_name(letter)) {
      word += letter;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
}

/// Nodes and streams that an update trains or a loss depends on.
std::set<std::string> names_behind_updates(const Item& root) {
  std::vector<std::string> words;
  if (const Item* updates = root.find("update")) {
    for (const Item::Entry& update : updates->entries) {
      if (const Item* of = update.value.find("of")) add_words(*of, words);
      const Item* losses = update.value.find("loss");
      if (!losses) continue;
      for (const Item::Entry& loss : losses->entries) add_words(Item::of_text(loss.key, {}), words);
    }
  }
  std::set<std::string> names;
  while (!words.empty()) {
    const std::string name = std::move(words.back());
    words.pop_back();
    if (!names.insert(name).second) continue;
    const Item* nodes = root.find("node");
    const Item* node = nodes ? nodes->find(name) : nullptr;
    for (const char* key : {"in", "share"}) {
      if (const Item* wires = node ? node->find(key) : nullptr) add_words(*wires, words);
    }
    const Item* streams = root.find("stream");
    if (const Item* stream = streams ? streams->find(name) : nullptr) add_words(*stream, words);
  }
  return names;
}

using Settings = std::map<std::string, std::string>;

void add_settings(const Item& item, const std::string& key, Settings& settings) {
  if (!item.is_table()) {
    settings[key] = item.toml();
    return;
  }
  for (const Item::Entry& entry : item.entries)
    add_settings(entry.value, text(key, key.empty() ? "" : ".", graph::key_text(entry.key)), settings);
}

/// The settings of a resolved graph that say what is trained, by key.
Settings settings_of(Item root) {
  const std::set<std::string> wanted = names_behind_updates(root);
  root.erase("about");
  if (Item* run = root.find("run")) {
    for (const char* free : {"epochs", "steps", "checkpoint", "keep", "best", "show"}) run->erase(free);
  }
  for (const char* section : {"node", "stream"}) {
    Item* table = root.find(section);
    if (table) std::erase_if(table->entries, [&](const Item::Entry& entry) { return !wanted.contains(entry.key); });
  }
  Settings settings;
  add_settings(root, "", settings);
  return settings;
}

/// The keys of parameters that name files and folders.
std::set<std::string> keys_of_places(const graph::Plan& plan) {
  std::set<std::string> keys;
  for (const graph::FlatNode& node : plan.graph.nodes) {
    if (!node.is_of_plugin()) continue;
    for (const ParamSpec& param : node.spec->params) {
      if (param.type != ParamType::Path) continue;
      keys.insert(text("node.", graph::key_text(graph::flat_name(node.path)), '.', param.name));
    }
  }
  return keys;
}

/// The numbers of an update that may change between two steps. Others say what its state is.
bool is_rate(const Change& change) {
  if (!change.key.starts_with("update.")) return false;
  const std::string setting = change.key.substr(change.key.find('.', 7) + 1);
  static const std::set<std::string> kOptional = {"clip"};
  static const std::set<std::string> kNumbers = {"lr",     "betas",    "eps", "weight_decay", "momentum",
                                                 "warmup", "schedule", "ema", "ema_warmup"};
  if (kOptional.contains(setting)) return true;
  const bool stays = !change.before.empty() && !change.now.empty();
  return stays && (kNumbers.contains(setting) || setting.starts_with("loss."));
}

/// The path of a weight file is absolute in a resolved graph; other values of `file` are rules.
bool is_weight_file(const Change& change) {
  return change.key.starts_with("weights.") && change.key.ends_with(".file") && change.before.starts_with("\"/") &&
         change.now.starts_with("\"/");
}

std::string best_of(const Item& root) {
  const Item* run = root.find("run");
  const Item* best = run ? run->find("best") : nullptr;
  return best ? best->text : "";
}

}  // namespace

std::string Change::line() const {
  if (before.empty()) return text(key, " = ", now, ", was not there");
  if (now.empty()) return text(key, " is not there, was ", before);
  return text(key, " = ", now, ", was ", before);
}

GraphChanges changes_between(const std::string& before, const graph::Plan& now) {
  const Item root_before = graph::parse_toml(before, "graph of the checkpoint");
  const Item root_now = graph::parse_toml(graph::resolved_text(now), "graph");
  const Settings old_settings = settings_of(root_before), new_settings = settings_of(root_now);
  std::map<std::string, Change> changes;
  for (const auto& [key, value] : old_settings) changes[key] = {key, value, {}};
  for (const auto& [key, value] : new_settings) {
    changes[key].key = key;
    changes[key].now = value;
  }
  const std::set<std::string> places = keys_of_places(now);
  GraphChanges result;
  result.has_new_best = best_of(root_before) != best_of(root_now);
  for (const auto& [key, change] : changes) {
    if (change.before == change.now) continue;
    const bool is_place = places.contains(key) || is_weight_file(change);
    (is_place ? result.places : is_rate(change) ? result.rates : result.others).push_back(change);
  }
  return result;
}

}  // namespace weft::train
