#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace weft::graph {

/// What is wrong with a text that should be TOML, and where.
struct TomlFault {
  size_t offset = 0;
  std::string message;
  std::string hint;
};

/// Finds the first thing in `source` that toml++ 3.3 must not be given, since it would not answer with an error: keys and
/// values that nest deeper than its stack, a table header that begins with no key, a `}` in a list, characters other than
/// ASCII outside of quotes and comments, and dates. Text that is no UTF-8 is left to toml++, which reports it.
std::optional<TomlFault> find_toml_fault(std::string_view source);

}  // namespace weft::graph
