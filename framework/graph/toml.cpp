#include "framework/graph/toml.h"

#include "framework/base/text.h"

#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

namespace weft::graph {
namespace {

/// Real keys, such as set.update.G.loss.match, have a few.
constexpr size_t kMostKeyParts = 16;

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

/// Where a string that begins at `at` ends: behind its quotes, or at the end of the line where they are missing.
size_t end_of_string(std::string_view source, size_t at) {
  const char quote = source[at];
  const bool is_long = source.substr(at, 3) == std::string(3, quote);
  for (at += is_long ? 3 : 1; at < source.size(); ++at) {
    if (source[at] == '\\' && quote == '"') {
      ++at;
    } else if (source[at] == '\n' && !is_long) {
      return at;
    } else if (source[at] == quote && !is_long) {
      return at + 1;
    } else if (is_long && source.substr(at, 3) == std::string(3, quote)) {
      // Up to two quotes of the text may stand before those that end it.
      return std::min({source.find_first_not_of(quote, at), at + 5, source.size()});
    }
  }
  return source.size();
}

/// The offset at which a key gets more parts than any real one, if there is such a key. toml++ counts how deep values
/// lie in values, but not the parts of keys, and ends with a full stack.
std::optional<size_t> find_endless_key(std::string_view source) {
  size_t dots = 0;
  for (size_t at = 0; at < source.size(); ++at) {
    const char c = source[at];
    if (c == '#') at = std::min(source.find('\n', at), source.size());
    if (c == '"' || c == '\'') {
      at = end_of_string(source, at) - 1;  // a part of a key may be quoted
    } else if (c == '.') {
      if (++dots == kMostKeyParts) return at;
    } else if (std::string_view("#\n=,[]{}").find(c) != std::string_view::npos) {
      dots = 0;
    }
  }
  return {};
}

Place place_at(std::string_view source, size_t offset, const std::string& file) {
  const std::string_view before = source.substr(0, offset);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  return {file, static_cast<int>(line), static_cast<int>(offset - (before.rfind('\n') + 1)) + 1};
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
  if (const auto endless = find_endless_key(source)) {
    throw Error(Exit::Graph, place_at(source, *endless, file),
                text("error E101: a key has more than ", kMostKeyParts, " parts"));
  }
  try {
    const toml::table table = toml::parse(source, file);
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
  if (find_endless_key(source)) return Item::of_text(source, {});
  try {
    const toml::table table = toml::parse("value = " + source);
    if (table.size() == 1) {
      Item item = to_item(*table.get("value"), "");
      item.place = {};
      return item;
    }
  } catch (const toml::parse_error&) {  // not a TOML value: a plain text, as people type it
  }
  return Item::of_text(source, {});
}

}  // namespace weft::graph
