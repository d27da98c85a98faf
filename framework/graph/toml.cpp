#include "framework/graph/toml.h"

#include "framework/base/text.h"
#include "framework/graph/diagnostics.h"
#include "framework/graph/toml_guard.h"

#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

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
  const auto has = [&](std::string_view words) { return message.find(words) != std::string::npos; };
  // What toml++ says of a text that goes on over the end of its line.
  if (has("control characters")) return "is the closing quote missing?";
  if (has("utf-8")) return "graph files are text in UTF-8; is it another kind of file?";
  if (has("escape sequence") || has("unicode scalar sequence"))
    return "in \"…\" a backslash begins an escape: write paths with /, or in single quotes, as in 'C:\\data'";
  const bool is_word = has("determine value type") || has("expected 'true'") || has("expected 'false'") ||
                       has("expected 'inf'") || has("expected 'nan'");
  return is_word ? "a text stands in quotes, as in \"labels\"" : "";
}

GraphError fault_of(const toml::parse_error& error, const std::string& file) {
  const std::string message(error.description());
  return GraphError("E101", place_of(error.source(), file), text("this is not TOML: ", in_short(message)),
                    hint_for(message));
}

/// Refuses what toml++ must not be given, unless a fault that it finds itself comes first.
void guard(std::string_view source, const std::string& file) {
  const auto fault = find_toml_fault(source);
  if (!fault) return;
  const Place place = place_at(source, fault->offset, file);
  try {
    static_cast<void>(toml::parse(source.substr(0, fault->offset), file));
  } catch (const toml::parse_error& error) {
    const GraphError first = fault_of(error, file);
    if (std::pair(first.place().line, first.place().column) < std::pair(place.line, place.column)) throw first;
  }
  throw GraphError("E101", place, fault->message, fault->hint);
}

/// A key or text with the character NUL, where there is one. System calls end a text there, and would open another file.
const Item* find_nul(const Item& item) {
  const auto has_nul = [](const std::string& text) { return text.find('\0') != std::string::npos; };
  if (item.is_text() && has_nul(item.text)) return &item;
  for (const Item& element : item.items) {
    if (const Item* found = find_nul(element)) return found;
  }
  for (const Item::Entry& entry : item.entries) {
    const Item* found = has_nul(entry.key) ? &entry.value : find_nul(entry.value);
    if (found) return found;
  }
  return nullptr;
}

/// Why a file cannot be read as a graph by what it is; empty when it can. A pipe would keep the program waiting; those that
/// the shell makes for <(…) are meant to be read.
std::string kind_fault(const std::filesystem::file_status& status, const std::string& file) {
  namespace fs = std::filesystem;
  if (fs::is_directory(status)) return "this is a folder, not a graph file";
  if (fs::is_regular_file(status) || file.starts_with("/dev/")) return {};
  return text("this is a ",
              fs::is_fifo(status)     ? "pipe"
              : fs::is_socket(status) ? "socket"
                                      : "device",
              ", not a graph file");
}

}  // namespace

Item parse_toml(std::string_view source, const std::string& file) {
  guard(source, file);
  try {
    const toml::table table = toml::parse(source, file);
    Item root = Item::table({file, 1, 1});
    fill_table(root, table, file);
    if (const Item* nul = find_nul(root))
      throw GraphError("E101", nul->place, "keys and texts cannot hold the character NUL");
    return root;
  } catch (const toml::parse_error& error) {
    throw fault_of(error, file);
  }
}

Item read_toml(const std::string& file) {
  const auto fault = [&](const std::string& what, const std::string& hint = {}) {
    return GraphError("E102", Place{file}, what, hint);
  };
  if (file.empty()) throw fault("the name of the file is empty");
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (status.type() == std::filesystem::file_type::not_found) throw fault("there is no such file");
  if (error) throw fault(text("the file cannot be read: ", error.message()));
  const std::string kind = kind_fault(status, file);
  if (!kind.empty()) throw fault(kind);
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw fault("the file cannot be read", "check its permissions");
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
  const std::string assignment = "value = " + source;
  if (find_toml_fault(assignment)) return Item::of_text(source, {});
  try {
    const toml::table table = toml::parse(assignment);
    if (table.size() == 1) {
      Item item = to_item(*table.get("value"), "");
      if (find_nul(item)) throw Error(Exit::Usage, text(source, ": a text cannot hold the character NUL"));
      item.place = {};
      return item;
    }
  } catch (const toml::parse_error&) {  // not a TOML value: a plain text, as people type it
  }
  return Item::of_text(source, {});
}

}  // namespace weft::graph
