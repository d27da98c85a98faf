#pragma once

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace weft::data {

/// The value of a line: a text, a whole number, yes or no, texts, or pairs of whole numbers.
struct TableValue {
  using Texts = std::vector<std::string>;
  using Pairs = std::vector<std::pair<int64_t, int64_t>>;

  std::variant<std::string, int64_t, bool, Texts, Pairs> value;
  Place place;
};

/// Tables of keys by name; keys before the first table are in the table without a name.
using Tables = std::map<std::string, std::map<std::string, TableValue>>;

/// Reads the part of TOML that layouts and palettes are written in: tables, and keys with a text in quotation marks, a whole
/// number, true or false, or an array of texts `["a", "b"]` or of pairs `[[7, 0], [8, 1]]`, which may go over several
/// lines; comments.
/// @param file  the name for messages
/// @throws Error  (Data) with the place of the first fault
Tables read_tables(std::string_view toml, const std::string& file);

/// The keys of one table; a key that is not taken is unknown.
class Table {
 public:
  /// @param what  what the file is, for messages: "a layout"
  Table(std::string what, std::string name, std::map<std::string, TableValue> values)
      : what_(std::move(what)), name_(std::move(name)), values_(std::move(values)) {}

  /// The value of a key, which is then known; nothing where it is not given.
  /// @param wanted  the type in words: "a text"
  /// @throws Error  (Data) when it has another type
  template <typename T>
  std::optional<T> take(const std::string& key, const char* wanted) {
    const auto found = values_.find(key);
    known_.push_back(key);
    if (found == values_.end()) return {};
    TableValue given = std::move(found->second);
    values_.erase(found);
    place_ = std::move(given.place);
    if (T* value = std::get_if<T>(&given.value)) return std::move(*value);
    throw Error(Exit::Data, place_, text('`', key, "` must be ", wanted));
  }

  /// @throws Error  (Data) when something was not taken
  void end() const;

  /// A key that was not taken, with its value; or null.
  const std::pair<const std::string, TableValue>* first() const {
    return values_.empty() ? nullptr : &*values_.begin();
  }

  /// Of the key that was taken last.
  const Place& place() const { return place_; }

 private:
  std::string what_, name_;
  std::map<std::string, TableValue> values_;
  std::vector<std::string> known_;
  Place place_;
};

}  // namespace weft::data
