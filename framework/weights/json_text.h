#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace weft::weights {

/// Parses JSON that anybody may have written.
/// @param what     what the text is, for messages: a file's path, "its header"
/// @param deepest  how many lists and objects may stand within each other: whoever walks them does so on the stack
/// @throws Error  (Data) when it is not JSON, nested more deeply, or an object has a key twice
nlohmann::json parse_json(const std::string& what, std::string_view text, size_t deepest = 64);

/// What a value is, for messages, whatever its length: `a list of 3`, `an object`, `a text`, `null`, `1.5`.
std::string kind_text(const nlohmann::json& value);

/// A text as JSON, with its quotation marks. Bytes that are no UTF-8, which names of files may have, become U+FFFD.
std::string json_quoted(const std::string& plain);

/// A number as JSON, with all its digits; null when it is not finite.
std::string json_number(double number);

}  // namespace weft::weights
