#include "framework/report/html.h"

#include "framework/base/text.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace weft::report {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

uint32_t byte_at(std::string_view bytes, size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
}

/// How many bytes the UTF-8 character at `at` has; 0 when there is none that XML may hold.
size_t character_length(std::string_view bytes, size_t at) {
  const uint32_t first = byte_at(bytes, at);
  if (first < 0x80) return first >= 0x20 || first == '\n' || first == '\t' ? 1 : 0;
  const size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4) return 0;
  uint32_t code = first & (0xffU >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte_at(bytes, at + i) & 0xc0) != 0x80) return 0;
    code = code << 6 | (byte_at(bytes, at + i) & 0x3f);
  }
  constexpr std::array<uint32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code >= 0xd800 && code < 0xe000;
  return code < kLeast[length] || code > 0x10ffff || is_surrogate || (code & 0xfffe) == 0xfffe ? 0 : length;
}

}  // namespace

std::string escaped(std::string_view plain) {
  std::string out;
  for (size_t at = 0; at < plain.size();) {
    const size_t length = character_length(plain, at);
    switch (plain[at]) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += length == 0 ? kReplacement : plain.substr(at, length);
    }
    at += length == 0 ? 1 : length;
  }
  return out;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t at = 0; at < bytes.size(); at += 3) {
    const uint32_t three = byte_at(bytes, at) << 16 | byte_at(bytes, at + 1) << 8 | byte_at(bytes, at + 2);
    out += kDigits[three >> 18];
    out += kDigits[three >> 12 & 63];
    out += at + 1 < bytes.size() ? kDigits[three >> 6 & 63] : '=';
    out += at + 2 < bytes.size() ? kDigits[three & 63] : '=';
  }
  return out;
}

std::string short_number(double number) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.3e", number);
  return number_text(std::strtod(buffer, nullptr));
}

std::string percent_text(double percent) {
  return text(number_text(std::round(10 * percent) / 10), " %");
}

std::string grouped(int64_t number) {
  std::string digits = text(number);
  for (auto at = static_cast<int64_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<size_t>(at), "\xe2\x80\xaf");
  return digits;
}

std::string coordinate(double number) {
  char buffer[40];
  const double rounded = std::round(number * 100) / 100;
  std::snprintf(buffer, sizeof buffer, "%.6g", rounded == 0 ? 0.0 : rounded);
  return buffer;
}

}  // namespace weft::report
