#include "cli/shell_word.h"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace weft::cli {

std::string shell_quoted(const std::string& plain) {
  std::string out = "'";
  for (const char c : plain) c == '\'' ? out += "'\\''" : out += c;
  return out + "'";
}

std::string shell_word(const std::string& plain) {
  constexpr std::string_view kMarks = "/._-+,@%";
  const bool is_plain = std::all_of(plain.begin(), plain.end(), [&](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return std::isalnum(byte) != 0 || byte > 127 || kMarks.find(c) != std::string_view::npos;
  });
  return is_plain ? plain : shell_quoted(plain);
}

}  // namespace weft::cli
