#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string_view>

namespace weft {

/// An exact ratio in lowest terms, such as the frame rate 30000/1001.
struct Fraction {
  int64_t numerator = 0;
  int64_t denominator = 1;  ///< above 0

  /// "30000/1001", "25" or "12.5". @returns nothing for any other text, and for parts above 2^31 - 1
  static std::optional<Fraction> parse(std::string_view text);
  /// The ratio with the smallest denominator that is `number` to 9 digits: 12.5 is 25/2, 29.97 is 2997/100.
  /// @param number  at least 0 and below 2^31
  static Fraction nearest(double number);

  double value() const { return static_cast<double>(numerator) / static_cast<double>(denominator); }
  bool operator==(const Fraction&) const = default;
};

/// `30000/1001`, or `25` where the denominator is 1.
std::ostream& operator<<(std::ostream& out, const Fraction& fraction);

}  // namespace weft
