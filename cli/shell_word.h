#pragma once

#include <string>

namespace weft::cli {

/// In a shell's quotes.
std::string shell_quoted(const std::string& plain);

/// As a word of a shell: in quotes where it needs them.
std::string shell_word(const std::string& plain);

}  // namespace weft::cli
