#include "framework/graph/item.h"

#include "framework/base/text.h"

#include <algorithm>
#include <map>

namespace weft::graph {
namespace {

template <typename Entries>
auto find_entry(Entries& entries, std::string_view key) {
  return std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.key == key; });
}

bool is_bare_key(std::string_view key) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  };
  return !key.empty() && std::all_of(key.begin(), key.end(), fits);
}

template <typename T>
std::vector<T> items_as(const std::vector<Item>& items, T Item::*field) {
  std::vector<T> values;
  for (const Item& item : items) values.push_back(item.*field);
  return values;
}

std::optional<ParamValue> list_value(const std::vector<Item>& items) {
  const auto all_are = [&](Item::Type type) {
    return std::all_of(items.begin(), items.end(), [&](const Item& item) { return item.is(type); });
  };
  if (all_are(Item::Type::Integer)) return ParamValue(items_as(items, &Item::integer));
  if (all_are(Item::Type::Text)) return ParamValue(items_as(items, &Item::text));
  std::vector<double> reals;
  for (const Item& item : items) {
    if (!item.is(Item::Type::Real) && !item.is(Item::Type::Integer)) return {};
    reals.push_back(item.is(Item::Type::Real) ? item.real : static_cast<double>(item.integer));
  }
  return ParamValue(reals);
}

void write_table(const Item& table, const std::string& path, std::string& out) {
  const auto is_section = [](const Item::Entry& entry) {
    const bool array_of_tables =
        entry.value.is(Item::Type::Array) && !entry.value.items.empty() && entry.value.items.front().is_table();
    return entry.value.is_table() || array_of_tables;
  };
  for (const Item::Entry& entry : table.entries) {
    if (!is_section(entry)) out += text(key_text(entry.key), " = ", entry.value.toml(), '\n');
  }
  for (const Item::Entry& entry : table.entries) {
    if (!is_section(entry)) continue;
    const std::string inner = path.empty() ? key_text(entry.key) : text(path, '.', key_text(entry.key));
    if (!entry.value.is_table()) {
      for (const Item& element : entry.value.items) {
        out += text("\n[[", inner, "]]\n");
        write_table(element, inner, out);
      }
      continue;
    }
    const bool only_sections =
        !entry.value.entries.empty() && std::all_of(entry.value.entries.begin(), entry.value.entries.end(), is_section);
    if (!only_sections) out += text("\n[", inner, "]\n");
    write_table(entry.value, inner, out);
  }
}

}  // namespace

Item Item::of_text(std::string text, Place place) {
  Item item;
  item.type = Type::Text;
  item.text = std::move(text);
  item.place = std::move(place);
  return item;
}

Item Item::table(Place place) {
  Item item;
  item.place = std::move(place);
  return item;
}

Item Item::of_value(const ParamValue& value, Place place) {
  Item item;
  item.place = place;
  const auto fill_list = [&](const auto& list) {
    item.type = Type::Array;
    for (const auto& element : list) item.items.push_back(of_value(ParamValue(element), place));
  };
  if (const auto* boolean = std::get_if<bool>(&value)) {
    item.type = Type::Boolean;
    item.boolean = *boolean;
  } else if (const auto* integer = std::get_if<int64_t>(&value)) {
    item.type = Type::Integer;
    item.integer = *integer;
  } else if (const auto* real = std::get_if<double>(&value)) {
    item.type = Type::Real;
    item.real = *real;
  } else if (const auto* words = std::get_if<std::string>(&value)) {
    item.type = Type::Text;
    item.text = *words;
  } else if (const auto* integers = std::get_if<std::vector<int64_t>>(&value)) {
    fill_list(*integers);
  } else if (const auto* reals = std::get_if<std::vector<double>>(&value)) {
    fill_list(*reals);
  } else {
    fill_list(std::get<std::vector<std::string>>(value));
  }
  return item;
}

const Item* Item::find(std::string_view key) const {
  const auto found = find_entry(entries, key);
  return found == entries.end() ? nullptr : &found->value;
}

Item* Item::find(std::string_view key) {
  const auto found = find_entry(entries, key);
  return found == entries.end() ? nullptr : &found->value;
}

void Item::set(const std::string& key, Item value, const Place& key_place) {
  const auto found = find_entry(entries, key);
  if (found == entries.end()) {
    entries.push_back({key, key_place, std::move(value)});
  } else {
    found->place = key_place;
    found->value = std::move(value);
  }
}

void Item::erase(std::string_view key) {
  const auto found = find_entry(entries, key);
  if (found != entries.end()) entries.erase(found);
}

std::optional<ParamValue> Item::param_value() const {
  switch (type) {
    case Type::Boolean:
      return ParamValue(boolean);
    case Type::Integer:
      return ParamValue(integer);
    case Type::Real:
      return ParamValue(real);
    case Type::Text:
      return ParamValue(text);
    case Type::Array:
      return list_value(items);
    default:
      return {};
  }
}

std::string Item::toml() const {
  if (type == Type::Array) {
    std::vector<std::string> parts;
    for (const Item& item : items) parts.push_back(item.toml());
    return weft::text('[', join(parts), ']');
  }
  if (type == Type::Table) {
    std::vector<std::string> parts;
    for (const Entry& entry : entries) parts.push_back(weft::text(key_text(entry.key), " = ", entry.value.toml()));
    return parts.empty() ? "{}" : weft::text("{ ", join(parts), " }");
  }
  const auto value = param_value();
  return value ? toml_text(*value) : text;
}

std::string Item::describe() const {
  switch (type) {
    case Type::Boolean:
      return "true or false";
    case Type::Integer:
      return "an integer";
    case Type::Real:
      return "a number";
    case Type::Text:
      return "a text";
    case Type::Array:
      return "a list";
    case Type::Table:
      return "a table";
    case Type::Other:
      return "a date or time";
  }
  return {};
}

Place Item::place_in_text(size_t offset) const {
  Place inside = place;
  if (inside.column > 0) inside.column += 1 + static_cast<int>(offset);
  return inside;
}

void merge(Item& under, const Item& over) {
  if (!under.is_table() || !over.is_table()) {
    under = over;
    return;
  }
  std::map<std::string_view, size_t> places;  // a search for each key would take too long in large tables
  for (size_t i = 0; i < under.entries.size(); ++i) places.emplace(under.entries[i].key, i);
  std::vector<const Item::Entry*> added;
  for (const Item::Entry& entry : over.entries) {
    const auto found = places.find(entry.key);
    if (found == places.end()) {
      added.push_back(&entry);
      continue;
    }
    Item::Entry& present = under.entries[found->second];
    if (!present.value.is_table() || !entry.value.is_table()) present.place = entry.place;
    merge(present.value, entry.value);
  }
  for (const Item::Entry* entry : added) under.entries.push_back(*entry);
}

std::string key_text(std::string_view key) {
  return is_bare_key(key) ? std::string(key) : toml_text(ParamValue(std::string(key)));
}

std::string document_text(const Item& root) {
  std::string out;
  write_table(root, "", out);
  return out;
}

}  // namespace weft::graph
