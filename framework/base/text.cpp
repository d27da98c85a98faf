#include "framework/base/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <utility>

namespace weft {
namespace {

constexpr size_t kLongestMeant = 64;

size_t edit_distance(std::string_view a, std::string_view b) {
  // Damerau's distance (neighbours swapped count once), which is how people mistype. Three rows of the matrix are enough.
  std::vector<size_t> two_before(b.size() + 1), before(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) before[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = before[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({before[j] + 1, row[j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], two_before[j - 2] + 1);
    }
    two_before.swap(before);
    before.swap(row);
  }
  return before[b.size()];
}

/// One character of a text, decoded from UTF-8.
struct Character {
  uint32_t code = 0;
  size_t length = 1;      ///< bytes
  bool is_valid = false;  ///< without it, one byte that is no UTF-8
};

Character character_at(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(at);
  if (first < 0x80) return {first, 1, true};
  const size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || at + length > text.size()) return {first, 1, false};
  uint32_t code = first & (0xFFU >> (length + 1));
  for (size_t i = at + 1; i < at + length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {first, 1, false};
    code = code << 6 | (byte(i) & 0x3FU);
  }
  const bool is_longer_than_needed = code < (length == 3 ? 0x800U : length == 4 ? 0x10000U : 0x80U);
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (is_longer_than_needed || is_surrogate || code > 0x10FFFF) return {first, 1, false};
  return {code, length, true};
}

/// Control characters, and characters that cannot be seen or change how what follows is shown.
bool is_unprintable(uint32_t code) {
  static constexpr std::pair<uint32_t, uint32_t> kRanges[] = {
      {0x00, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},     {0x61C, 0x61C},   {0x180E, 0x180E},  {0x200B, 0x200F},
      {0x2028, 0x202E}, {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F}};
  return std::any_of(std::begin(kRanges), std::end(kRanges),
                     [&](const auto& range) { return code >= range.first && code <= range.second; });
}

std::string escape_of(const Character& one) {
  char buffer[16];
  const auto write = [&](const char* format) { std::snprintf(buffer, sizeof buffer, format, one.code); };
  if (!one.is_valid) {
    write("\\x%02X");
  } else if (one.code == '\n' || one.code == '\t' || one.code == '\r') {
    return one.code == '\n' ? "\\n" : one.code == '\t' ? "\\t" : "\\r";
  } else {
    write(one.code > 0xFFFF ? "\\U%08X" : "\\u%04X");
  }
  return buffer;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

size_t digits_at(std::string_view s, size_t from) {
  size_t end = from;
  while (end < s.size() && is_digit(s[end])) ++end;
  return end - from;
}

}  // namespace

std::string join(const std::vector<std::string>& parts, std::string_view between) {
  std::string joined;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) joined += between;
    joined += parts[i];
  }
  return joined;
}

std::string quoted_list(const std::vector<std::string>& names, std::string_view last, size_t most) {
  const size_t shown = std::min(names.size(), most);
  std::string list;
  for (size_t i = 0; i < shown; ++i) {
    const bool is_last = i + 1 == names.size();
    if (i > 0) list += is_last ? text(' ', last, ' ') : ", ";
    list += text('"', names[i], '"');
  }
  if (names.size() > shown) list += text(" and ", names.size() - shown, " more");
  return list;
}

std::string printable(std::string_view text, std::string_view kept) {
  std::string shown;
  shown.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const Character one = character_at(text, at);
    const bool is_kept = one.code < 0x80 && kept.find(static_cast<char>(one.code)) != std::string_view::npos;
    if (is_kept || (one.is_valid && !is_unprintable(one.code))) {
      shown += text.substr(at, one.length);
    } else {
      shown += escape_of(one);
    }
    at += one.length;
  }
  return shown;
}

std::string shortened(std::string_view text, size_t most) {
  if (text.size() <= most) return std::string(text);
  const auto is_inside = [&](size_t at) { return at < text.size() && (text[at] & 0xC0) == 0x80; };
  size_t begin = most / 2, end = text.size() - most / 2;
  while (is_inside(begin)) --begin;
  while (is_inside(end)) ++end;
  return weft::text(text.substr(0, begin), " … (", end - begin, " bytes more) … ", text.substr(end));
}

std::string number_text(double number) {
  char buffer[40];
  std::string shortest(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
  // to_chars writes exponents with a sign and two digits: 2e-04, 1e+20.
  const size_t exponent = shortest.find('e');
  if (exponent == std::string::npos) return shortest;
  if (shortest[exponent + 1] == '+') shortest.erase(exponent + 1, 1);
  const size_t digits = shortest.find_first_of("0123456789", exponent);
  if (shortest[digits] == '0') shortest.erase(digits, 1);
  return shortest;
}

std::string bytes_text(int64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
  double amount = static_cast<double>(bytes);
  size_t unit = 0;
  while (std::abs(amount) >= 999.5 && unit + 1 < std::size(kUnits)) {
    amount /= 1000;
    ++unit;
  }
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, unit > 0 && amount < 10 ? "%.1f %s" : "%.0f %s", amount, kUnits[unit]);
  return buffer;
}

std::string duration_text(double seconds) {
  char buffer[40];
  if (seconds < 60) {
    std::snprintf(buffer, sizeof buffer, seconds < 10 ? "%.2f s" : "%.1f s", seconds);
    return buffer;
  }
  const auto whole = static_cast<long long>(seconds + 0.5);
  if (whole < 3600) {
    std::snprintf(buffer, sizeof buffer, "%lld:%02lld", whole / 60, whole % 60);
  } else {
    std::snprintf(buffer, sizeof buffer, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
  }
  return buffer;
}

std::string count_text(int64_t count, std::string_view noun) {
  return text(count, ' ', noun, count == 1 ? "" : "s");
}

std::string nearest(std::string_view name, const std::vector<std::string>& candidates) {
  std::string best;
  if (name.size() > kLongestMeant) return best;
  size_t best_cost = std::max<size_t>(1, std::max(name.size(), size_t{3}) / 3) + 1;
  for (const std::string& candidate : candidates) {
    const size_t longer = std::max(name.size(), candidate.size()), shorter = std::min(name.size(), candidate.size());
    if (longer - shorter >= best_cost) continue;  // each byte of the difference costs one
    const size_t cost = edit_distance(name, candidate);
    if (cost < best_cost && cost < std::max(candidate.size(), name.size())) {
      best_cost = cost;
      best = candidate;
    }
  }
  return best;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string best = nearest(name, candidates);
  return best.empty() ? best : text("did you mean \"", best, "\"?");
}

std::string lower_case(std::string word) {
  for (char& c : word) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return word;
}

bool natural_less(std::string_view a, std::string_view b) {
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (!is_digit(a[i]) || !is_digit(b[j])) {
      if (a[i] != b[j]) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]);
      ++i, ++j;
      continue;
    }
    std::string_view x = a.substr(i, digits_at(a, i)), y = b.substr(j, digits_at(b, j));
    i += x.size(), j += y.size();
    x.remove_prefix(std::min(x.find_first_not_of('0'), x.size()));
    y.remove_prefix(std::min(y.find_first_not_of('0'), y.size()));
    if (x.size() != y.size()) return x.size() < y.size();
    if (x != y) return x < y;
  }
  if (a.size() - i != b.size() - j) return a.size() - i < b.size() - j;
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

bool matches(std::string_view name, std::string_view pattern) {
  size_t at = 0, in_pattern = 0;
  size_t star = std::string_view::npos, resume = 0;  // where to go back to: one character more for the last star
  while (at < name.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      star = in_pattern++;
      resume = at;
    } else if (in_pattern < pattern.size() && pattern[in_pattern] == name[at]) {
      ++in_pattern, ++at;
    } else if (star != std::string_view::npos) {
      in_pattern = star + 1;
      at = ++resume;
    } else {
      return false;
    }
  }
  while (in_pattern < pattern.size() && pattern[in_pattern] == '*') ++in_pattern;
  return in_pattern == pattern.size();
}

bool path_matches(std::string_view path, std::string_view pattern) {
  if (pattern.find('*') == std::string_view::npos) return path == pattern;
  const std::vector<std::string> names = split(path, '.'), wanted = split(pattern, '.');
  // fits[j]: the names so far fit the first j segments of the pattern.
  std::vector<bool> fits(wanted.size() + 1);
  fits[0] = true;
  for (size_t j = 0; j < wanted.size() && wanted[j] == "**"; ++j) fits[j + 1] = true;
  for (const std::string& name : names) {
    std::vector<bool> next(wanted.size() + 1);
    for (size_t j = 0; j < wanted.size(); ++j) {
      next[j + 1] = wanted[j] == "**" ? fits[j + 1] || next[j] : fits[j] && matches(name, wanted[j]);
    }
    fits = next;
  }
  return fits.back();
}

std::vector<std::string> split(std::string_view joined, char separator) {
  std::vector<std::string> parts;
  if (joined.empty()) return parts;
  for (size_t begin = 0; begin <= joined.size();) {
    const size_t end = std::min(joined.find(separator, begin), joined.size());
    parts.emplace_back(joined.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::string wrap(std::string_view paragraph, size_t width, size_t indent) {
  std::string wrapped, line(indent, ' ');
  size_t at = 0;
  const auto flush = [&] {
    wrapped += line;
    wrapped += '\n';
    line.assign(indent, ' ');
  };
  while (at < paragraph.size()) {
    const size_t begin = paragraph.find_first_not_of(" \n", at);
    if (begin == std::string_view::npos) break;
    const size_t end = std::min(paragraph.find_first_of(" \n", begin), paragraph.size());
    const std::string_view word = paragraph.substr(begin, end - begin);
    if (line.size() > indent && line.size() + 1 + word.size() > width) flush();
    if (line.size() > indent) line += ' ';
    line += word;
    at = end;
  }
  if (line.size() > indent) flush();
  return wrapped;
}

}  // namespace weft
