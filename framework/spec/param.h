#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace weft {

/// The value of a parameter, as a graph file can write it.
using ParamValue = std::variant<bool, int64_t, double, std::string, std::vector<int64_t>, std::vector<double>,
                                std::vector<std::string>>;
using ParamValues = std::map<std::string, ParamValue>;

/// A fraction is written as a number or as a text such as "30000/1001".
enum class ParamType { Boolean, Integer, Real, Fraction, Text, Path, Integers, Reals, Texts };

/// What is known of a parameter: name, type, default, what it may be, and what it means.
struct ParamSpec {
  std::string name;
  ParamType type = ParamType::Integer;
  std::optional<ParamValue> default_value;  ///< none: nothing is set unless it is given
  bool required = false;                    ///< it must be given
  std::string about;
  std::optional<double> min, max;  ///< of numbers and of the items of lists
  bool above_min = false;          ///< the minimum itself is not allowed
  bool below_max = false;
  std::vector<std::string> choices;     ///< of texts
  std::vector<int64_t> allowed_counts;  ///< of lists; empty: any number of items

  /// What it may be, in words: "one of \"batch\", \"running\"", "at least 1", "2 integers"; empty when anything goes.
  std::string range_text() const;
};

/// "an integer", "a list of texts".
std::string describe(ParamType type);

/// As TOML writes it.
std::string toml_text(const ParamValue& value);

/// What is wrong with `value` for `spec` (type aside), or empty.
std::string range_fault(const ParamSpec& spec, const ParamValue& value);

/// `value` as the spec's type, where that loses nothing (an integer is a real; an empty list is a list of anything).
std::optional<ParamValue> convert(const ParamValue& value, ParamType type);

}  // namespace weft
