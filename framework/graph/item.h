#pragma once

#include "framework/base/error.h"
#include "framework/spec/param.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::graph {

/// A value of a TOML file that knows where it stands, so that it can be moved by overlays and still be pointed at.
struct Item {
  enum class Type { Boolean, Integer, Real, Text, Array, Table, Other };
  struct Entry;

  Type type = Type::Table;
  Place place;
  bool boolean = false;
  int64_t integer = 0;
  double real = 0;
  std::string text;
  std::vector<Item> items;     ///< of an array
  std::vector<Entry> entries;  ///< of a table, in the order of the file

  static Item of_text(std::string text, Place place);
  static Item of_value(const ParamValue& value, Place place);
  static Item table(Place place);

  bool is(Type wanted) const { return type == wanted; }
  bool is_text() const { return type == Type::Text; }
  bool is_table() const { return type == Type::Table; }

  /// The value of a key, or nullptr.
  const Item* find(std::string_view key) const;
  Item* find(std::string_view key);
  /// Sets a key, in the place of an earlier value when there is one.
  void set(const std::string& key, Item value, const Place& key_place);
  void erase(std::string_view key);

  /// The value as a parameter; nothing for tables, dates, mixed and nested arrays.
  std::optional<ParamValue> param_value() const;
  /// As TOML writes it, on one line.
  std::string toml() const;
  /// "a text", "an integer", "a table" …
  std::string describe() const;

  /// The place of a character inside a text, counted from 0: behind the opening quote.
  Place place_in_text(size_t offset) const;
};

struct Item::Entry {
  std::string key;
  Place place;
  Item value;
};

/// Lays `over` onto `under`: tables are merged key by key, everything else is replaced.
void merge(Item& under, const Item& over);

/// A key as TOML writes it: bare where it can be, else quoted.
std::string key_text(std::string_view key);

/// The whole tree as TOML text with [tables], for resolved graphs.
std::string document_text(const Item& root);

}  // namespace weft::graph
