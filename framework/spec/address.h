#pragma once

#include <algorithm>
#include <string_view>

namespace weft {

/// Whether a text is an address of a network or a device: `SCHEME://…`, as in "rtsp://camera.local/stream".
inline bool is_address(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto is_of_scheme = [&](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  };
  const size_t end = text.find("://");
  if (end == std::string_view::npos || end == 0 || !is_letter(text.front())) return false;
  return std::all_of(text.begin(), text.begin() + end, is_of_scheme);
}

}  // namespace weft
