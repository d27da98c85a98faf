#include "framework/data/frame_number.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <numeric>

namespace weft::data {
namespace {

constexpr size_t kMostDigits = 18;
constexpr int64_t kMostFrames = 1'000'000;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// A name around its number.
struct Parts {
  std::string_view before, digits, after;
};

std::optional<Parts> parts_of(std::string_view name) {
  for (size_t end = name.size(); end > 0; --end) {
    if (!is_digit(name[end - 1])) continue;
    size_t begin = end - 1;
    while (begin > 0 && is_digit(name[begin - 1])) --begin;
    const bool is_in_a_word = end < name.size() && is_letter(name[end]);
    if (!is_in_a_word && end - begin <= kMostDigits) {
      return Parts{name.substr(0, begin), name.substr(begin, end - begin), name.substr(end)};
    }
    end = begin + 1;
  }
  return {};
}

int64_t value_of(std::string_view digits) {
  int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::string padded(int64_t number, size_t width) {
  const std::string digits = std::to_string(number);
  return std::string(width - std::min(width, digits.size()), '0') + digits;
}

}  // namespace

std::string frame_name(std::string_view file) {
  return std::filesystem::path(file).stem();
}

std::string ListedImages::frame_of(const std::string& image) {
  const std::string frame = frame_name(image);
  const std::string& first = images_.try_emplace(frame, image).first->second;
  if (first == image) return frame;
  throw Error(Exit::Data, text(file_, " lists ", first, " and ", image, ", which are both frame \"", frame, '"'))
      .hint("give each folder of images a file of its own");
}

std::optional<int64_t> frame_number(std::string_view name) {
  const auto parts = parts_of(name);
  return parts ? std::optional(value_of(parts->digits)) : std::nullopt;
}

std::vector<int64_t> rising_numbers(const std::vector<std::string>& names) {
  std::vector<int64_t> numbers;
  for (const std::string& name : names) {
    const std::optional<int64_t> number = frame_number(name);
    if (!number || (!numbers.empty() && *number <= numbers.back())) return {};
    numbers.push_back(*number);
  }
  return numbers;
}

std::vector<std::string> without_gaps(const std::string& file, std::vector<std::string> names) {
  std::sort(names.begin(), names.end(), natural_less);
  const auto first = names.empty() ? std::nullopt : parts_of(names.front());
  if (!first) return names;
  const bool is_counted =
      first->before.empty() && first->after.empty() && (first->digits[0] != '0' || first->digits == "0");
  const size_t width = is_counted ? 0 : first->digits.size();
  const int64_t begin = is_counted ? 0 : value_of(first->digits);
  std::vector<int64_t> numbers;
  int64_t step = 0;
  for (const std::string& name : names) {
    const auto parts = parts_of(name);
    if (!parts || parts->before != first->before || parts->after != first->after) return names;
    numbers.push_back(value_of(parts->digits));
    if (padded(numbers.back(), width) != parts->digits) return names;
    step = std::gcd(step, numbers.back() - begin);
  }
  if (step == 0) return names;
  const int64_t count = (numbers.back() - begin) / step + 1;
  if (count > kMostFrames) {
    throw Error(Exit::Data, text(file, " has frames from ", names.front(), " to ", names.back(), ", which are ", count))
        .hint(text("at most ", kMostFrames, " are read: frames are numbered one after the other"));
  }
  std::vector<std::string> whole;
  for (int64_t i = 0; i < count; ++i) {
    whole.push_back(text(first->before, padded(begin + i * step, width), first->after));
  }
  return whole;
}

}  // namespace weft::data
