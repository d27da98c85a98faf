#include "framework/graph/toml.h"

#include "framework/base/text.h"

#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <utility>
#include <vector>

namespace weft::graph {
namespace {

Place place_of(const toml::source_region& source, const std::string& file) {
  return {file, static_cast<int>(source.begin.line), static_cast<int>(source.begin.column)};
}

Item to_item(const toml::node& node, const std::string& file);

void fill_table(Item& item, const toml::table& table, const std::string& file) {
  for (auto&& [key, value] : table) {
    item.entries.push_back({std::string(key.str()), place_of(key.source(), file), to_item(value, file)});
  }
  // toml++ sorts by name; people read in the order of the file.
  std::stable_sort(item.entries.begin(), item.entries.end(), [](const Item::Entry& a, const Item::Entry& b) {
    return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
  });
}

Item to_item(const toml::node& node, const std::string& file) {
  Item item;
  item.place = place_of(node.source(), file);
  if (const auto* table = node.as_table()) {
    fill_table(item, *table, file);
  } else if (const auto* array = node.as_array()) {
    item.type = Item::Type::Array;
    for (const toml::node& element : *array) item.items.push_back(to_item(element, file));
  } else if (const auto* words = node.as_string()) {
    item.type = Item::Type::Text;
    item.text = words->get();
  } else if (const auto* integer = node.as_integer()) {
    item.type = Item::Type::Integer;
    item.integer = integer->get();
  } else if (const auto* real = node.as_floating_point()) {
    item.type = Item::Type::Real;
    item.real = real->get();
  } else if (const auto* boolean = node.as_boolean()) {
    item.type = Item::Type::Boolean;
    item.boolean = boolean->get();
  } else {
    item.type = Item::Type::Other;
  }
  return item;
}

/// Values in values are counted by toml++ (to the same depth); keys with many dots are not.
constexpr size_t kDeepest = 256;

/// The first table that lies too deep, or nullptr. Not recursive: the depth is what is in doubt.
const toml::node* find_too_deep(const toml::table& root) {
  std::vector<std::pair<const toml::node*, size_t>> open = {{&root, 0}};
  while (!open.empty()) {
    const auto [node, depth] = open.back();
    open.pop_back();
    if (depth > kDeepest) return node;
    if (const auto* table = node->as_table()) {
      for (auto&& [key, value] : *table) open.emplace_back(&value, depth + 1);
    } else if (const auto* array = node->as_array()) {
      for (const toml::node& element : *array) open.emplace_back(&element, depth + 1);
    }
  }
  return nullptr;
}

/// Takes tables apart from the outside in; toml++ would do it by recursion.
void take_apart(toml::table root) {
  std::vector<toml::table> open;
  open.push_back(std::move(root));
  while (!open.empty()) {
    toml::table table = std::move(open.back());
    open.pop_back();
    const auto take = [&](toml::node& node) {
      if (auto* inner = node.as_table()) open.push_back(std::move(*inner));
    };
    for (auto&& [key, value] : table) {
      take(value);
      if (auto* array = value.as_array()) {
        for (toml::node& element : *array) take(element);
      }
    }
  }
}

/// toml++ says "Error while parsing X: …", which the place says already, and names a macro of its own.
std::string in_short(std::string message) {
  const size_t colon = message.find(": ");
  if (message.starts_with("Error while parsing") && colon != std::string::npos) message.erase(0, colon + 2);
  return message.substr(0, message.find(" (TOML_"));
}

/// What people who meet such a message should look for; empty when it speaks for itself.
std::string hint_for(const std::string& message) {
  // What toml++ says of a text that goes on over the end of its line.
  if (message.find("control characters") != std::string::npos) return "is the closing quote missing?";
  if (message.find("utf-8") != std::string::npos) return "graph files are text in UTF-8; is it another kind of file?";
  return {};
}

}  // namespace

Item parse_toml(std::string_view source, const std::string& file) {
  try {
    toml::table table = toml::parse(source, file);
    if (const toml::node* deep = find_too_deep(table)) {
      const Place place = place_of(deep->source(), file);
      take_apart(std::move(table));
      throw Error(Exit::Graph, place, text("error E101: a key has more than ", kDeepest, " parts"));
    }
    Item root = Item::table({file, 1, 1});
    fill_table(root, table, file);
    return root;
  } catch (const toml::parse_error& error) {
    const std::string message = in_short(std::string(error.description()));
    throw Error(Exit::Graph, place_of(error.source(), file), text("error E101: this is not TOML: ", message))
        .hint(hint_for(message));
  }
}

Item read_toml(const std::string& file) {
  const auto fault = [&](const std::string& what) { return Error(Exit::Graph, text(file, ": error E102: ", what)); };
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (status.type() == std::filesystem::file_type::not_found) throw fault("there is no such file");
  if (error) throw fault(text("the file cannot be read: ", error.message()));
  if (std::filesystem::is_directory(status)) throw fault("this is a folder, not a graph file");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw fault("the file cannot be read").hint("check its permissions");
  std::string source;
  source.resize(kLargestFile + 1);
  stream.read(source.data(), kLargestFile + 1);
  source.resize(static_cast<size_t>(stream.gcount()));
  if (stream.bad()) throw fault("reading the file failed");
  if (static_cast<int64_t>(source.size()) > kLargestFile) {
    throw fault(text("the file is larger than ", bytes_text(kLargestFile), ", so it is not a graph"));
  }
  return parse_toml(source, file);
}

Item parse_value(const std::string& source) {
  try {
    toml::table table = toml::parse("value = " + source);
    if (find_too_deep(table)) {
      take_apart(std::move(table));
    } else if (table.size() == 1) {
      Item item = to_item(*table.get("value"), "");
      item.place = {};
      return item;
    }
  } catch (const toml::parse_error&) {  // not a TOML value: a plain text, as people type it
  }
  return Item::of_text(source, {});
}

}  // namespace weft::graph
