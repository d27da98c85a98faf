#pragma once

#include "framework/base/error.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weft::media {

/// The value of a line of a layout file: a text, a whole number, yes or no, or pairs of whole numbers.
struct LayoutValue {
  using Pairs = std::vector<std::pair<int64_t, int64_t>>;

  std::variant<std::string, int64_t, bool, Pairs> value;
  Place place;
};

/// Tables of keys by name; keys before the first table are in the table without a name.
using LayoutTables = std::map<std::string, std::map<std::string, LayoutValue>>;

/// Reads the part of TOML that layout files are written in: tables, and keys with a text in quotation marks, a whole number,
/// true or false, or an array of pairs `[[7, 0], [8, 1]]`, which may go over several lines; comments.
/// @param file  the name for messages
/// @throws Error  (Data) with the place of the first fault
LayoutTables read_layout_text(std::string_view toml, const std::string& file);

}  // namespace weft::media
