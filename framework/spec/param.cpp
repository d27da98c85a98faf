#include "framework/spec/param.h"

#include "framework/base/text.h"
#include "framework/spec/fraction.h"

#include <algorithm>
#include <cmath>

namespace weft {
namespace {

template <typename T>
std::string list_text(const std::vector<T>& items) {
  std::vector<std::string> texts;
  for (const T& item : items) texts.push_back(toml_text(ParamValue(item)));
  return text('[', join(texts), ']');
}

std::string quote_toml(const std::string& plain) {
  std::string quoted = "\"";
  for (const char c : plain) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      static constexpr char kHex[] = "0123456789ABCDEF";
      quoted += "\\u00";
      quoted += kHex[static_cast<unsigned char>(c) >> 4];
      quoted += kHex[c & 15];
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string real_text(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  std::string plain = number_text(number);
  if (plain.find_first_of(".e") == std::string::npos) plain += ".0";
  return plain;
}

std::vector<double> numbers_of(const ParamValue& value) {
  if (const auto* one = std::get_if<int64_t>(&value)) return {static_cast<double>(*one)};
  if (const auto* one = std::get_if<double>(&value)) return {*one};
  if (const auto* many = std::get_if<std::vector<int64_t>>(&value)) return {many->begin(), many->end()};
  if (const auto* many = std::get_if<std::vector<double>>(&value)) return *many;
  return {};
}

/// A number of a value; a large integer in full, since it may be no double.
std::string written_number(const ParamValue& value, size_t index, double number) {
  constexpr double kLargestExact = 9007199254740992;  // 2^53
  if (std::abs(number) < kLargestExact) return number_text(number);
  if (const auto* one = std::get_if<int64_t>(&value)) return text(*one);
  if (const auto* many = std::get_if<std::vector<int64_t>>(&value)) return text((*many)[index]);
  return number_text(number);
}

std::vector<std::string> texts_of(const ParamValue& value) {
  if (const auto* one = std::get_if<std::string>(&value)) return {*one};
  if (const auto* many = std::get_if<std::vector<std::string>>(&value)) return *many;
  return {};
}

/// The items of a list; 1 of anything else.
size_t count_of(const ParamValue& value) {
  return std::visit(
      [](const auto& held) -> size_t {
        if constexpr (requires { held.size(); } && !std::is_same_v<std::decay_t<decltype(held)>, std::string>) {
          return held.size();
        } else {
          return 1;
        }
      },
      value);
}

std::string count_list(const std::vector<int64_t>& counts) {
  std::vector<std::string> texts;
  for (const int64_t count : counts) texts.push_back(text(count));
  return join(texts, " or ");
}

bool is_list(ParamType type) {
  return type == ParamType::Integers || type == ParamType::Reals || type == ParamType::Texts;
}

}  // namespace

std::string describe(ParamType type) {
  switch (type) {
    case ParamType::Boolean:
      return "true or false";
    case ParamType::Integer:
      return "an integer";
    case ParamType::Real:
      return "a number";
    case ParamType::Fraction:
      return "a number or a fraction such as \"30000/1001\"";
    case ParamType::Text:
      return "a text";
    case ParamType::Path:
      return "a path";
    case ParamType::Integers:
      return "a list of integers";
    case ParamType::Reals:
      return "a list of numbers";
    case ParamType::Texts:
      return "a list of texts";
  }
  return {};
}

std::string toml_text(const ParamValue& value) {
  return std::visit(
      [](const auto& held) -> std::string {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, bool>) {
          return held ? "true" : "false";
        } else if constexpr (std::is_same_v<Held, int64_t>) {
          return text(held);
        } else if constexpr (std::is_same_v<Held, double>) {
          return real_text(held);
        } else if constexpr (std::is_same_v<Held, std::string>) {
          return quote_toml(held);
        } else {
          return list_text(held);
        }
      },
      value);
}

std::string ParamSpec::range_text() const {
  std::vector<std::string> parts;
  if (!choices.empty()) parts.push_back(text("one of ", quoted_list(choices, "or", 20)));
  if (!allowed_counts.empty()) parts.push_back(text(count_list(allowed_counts), " items"));
  if (min) parts.push_back(text(above_min ? "above " : "at least ", number_text(*min)));
  if (max) parts.push_back(text(below_max ? "below " : "at most ", number_text(*max)));
  return join(parts);
}

std::string range_fault(const ParamSpec& spec, const ParamValue& value) {
  if (is_list(spec.type) && !spec.allowed_counts.empty()) {
    const auto count = static_cast<int64_t>(count_of(value));
    if (std::find(spec.allowed_counts.begin(), spec.allowed_counts.end(), count) == spec.allowed_counts.end()) {
      return text("wants ", count_list(spec.allowed_counts), " items, not ", count);
    }
  }
  std::vector<double> numbers = numbers_of(value);
  if (const auto* fraction = std::get_if<std::string>(&value); fraction && spec.type == ParamType::Fraction)
    numbers.push_back(Fraction::parse(*fraction)->value());
  for (size_t i = 0; i < numbers.size(); ++i) {
    const double number = numbers[i];
    const bool low = spec.min && (spec.above_min ? number <= *spec.min : number < *spec.min);
    const bool high = spec.max && (spec.below_max ? number >= *spec.max : number > *spec.max);
    if (std::isnan(number) && !spec.min && !spec.max) return "must be a number, not nan";
    if (low || high || std::isnan(number))
      return text("must be ", spec.range_text(), ", not ", written_number(value, i, number));
  }
  if (spec.choices.empty()) return {};
  for (const std::string& word : texts_of(value)) {
    if (std::find(spec.choices.begin(), spec.choices.end(), word) == spec.choices.end()) {
      return text("must be ", spec.range_text(), ", not \"", word, '"');
    }
  }
  return {};
}

std::optional<ParamValue> convert(const ParamValue& value, ParamType type) {
  const auto keep_if = [&](bool fits) { return fits ? std::optional<ParamValue>(value) : std::nullopt; };
  switch (type) {
    case ParamType::Boolean:
      return keep_if(std::holds_alternative<bool>(value));
    case ParamType::Integer:
      return keep_if(std::holds_alternative<int64_t>(value));
    case ParamType::Text:
    case ParamType::Path:
      return keep_if(std::holds_alternative<std::string>(value));
    case ParamType::Real:
      if (const auto* number = std::get_if<int64_t>(&value)) return ParamValue(static_cast<double>(*number));
      return keep_if(std::holds_alternative<double>(value));
    case ParamType::Fraction:
      if (const auto* fraction = std::get_if<std::string>(&value))
        return keep_if(Fraction::parse(*fraction).has_value());
      if (!std::holds_alternative<int64_t>(value) && !std::holds_alternative<double>(value)) return {};
      return keep_if(Fraction::parse(number_text(numbers_of(value).front())).has_value());
    case ParamType::Integers:
      if (count_of(value) == 0) return ParamValue(std::vector<int64_t>{});
      return keep_if(std::holds_alternative<std::vector<int64_t>>(value));
    case ParamType::Reals:
      if (count_of(value) == 0) return ParamValue(std::vector<double>{});
      if (std::holds_alternative<std::vector<double>>(value)) return value;
      if (!std::holds_alternative<std::vector<int64_t>>(value)) return {};
      return ParamValue(numbers_of(value));
    case ParamType::Texts:
      if (count_of(value) == 0) return ParamValue(std::vector<std::string>{});
      return keep_if(std::holds_alternative<std::vector<std::string>>(value));
  }
  return {};
}

}  // namespace weft
