#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace weft {

/// The value of a parameter of a graph file.
using ParamValue = std::variant<bool, int64_t, double, std::string, std::vector<int64_t>, std::vector<double>,
                                std::vector<std::string>>;
using ParamValues = std::map<std::string, ParamValue>;

/// A fraction is written as a number or as a text such as "30000/1001".
enum class ParamType { Boolean, Integer, Real, Fraction, Text, Path, Integers, Reals, Texts };

/// The description of a parameter: name, type, default, allowed values and meaning.
struct ParamSpec {
  std::string name;
  ParamType type = ParamType::Integer;
  std::optional<ParamValue> default_value;  ///< none: the field stays unset
  bool required = false;                    ///< it must be given
  std::string about;
  std::optional<double> min, max;  ///< of numbers and of the items of lists
  bool above_min = false;          ///< the minimum itself is not allowed
  bool below_max = false;
  std::vector<std::string> choices;     ///< of texts
  std::vector<int64_t> allowed_counts;  ///< of lists; empty: any number of items

  /// The allowed values in words: "one of \"batch\", \"running\"", "at least 1", "2 integers"; empty without limits.
  std::string range_text() const;
};

/// "an integer", "a list of texts".
std::string describe(ParamType type);

/// As TOML writes it.
std::string toml_text(const ParamValue& value);

/// What is wrong with `value` for `spec` (type aside), or empty.
std::string range_fault(const ParamSpec& spec, const ParamValue& value);

/// `value` converted to `type`, if the conversion is exact (an integer is a real; an empty list fits every list type).
std::optional<ParamValue> convert(const ParamValue& value, ParamType type);

}  // namespace weft
