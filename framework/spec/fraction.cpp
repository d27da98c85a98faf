#include "framework/spec/fraction.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>
#include <ostream>

namespace weft {
namespace {

constexpr int64_t kLargest = std::numeric_limits<int32_t>::max();

template <typename Number>
std::optional<Number> whole_text(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

}  // namespace

std::optional<Fraction> Fraction::parse(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    const auto number = whole_text<double>(text);
    const auto largest = static_cast<double>(kLargest);
    if (!number || !(*number >= 0) || *number > largest || (*number > 0 && *number < 1 / largest)) return {};
    return nearest(*number);
  }
  const auto above = whole_text<int64_t>(text.substr(0, slash)), below = whole_text<int64_t>(text.substr(slash + 1));
  if (!above || !below || *above < 0 || *below < 1 || *above > kLargest || *below > kLargest) return {};
  const int64_t common = std::gcd(*above, *below);
  return Fraction{*above / common, *below / common};
}

Fraction Fraction::nearest(double number) {
  // The convergents of the continued fraction; h / k are the last two.
  int64_t h = 1, h_before = 0, k = 0, k_before = 1;
  double rest = number;
  for (;;) {
    if (!(rest <= static_cast<double>(kLargest))) break;  // nor would it fit into an integer
    const auto whole = static_cast<int64_t>(std::floor(rest));
    const int64_t h_next = whole * h + h_before, k_next = whole * k + k_before;
    if (h_next > kLargest || k_next > kLargest) break;
    h_before = h, k_before = k, h = h_next, k = k_next;
    const double left = rest - static_cast<double>(whole);
    if (std::abs(Fraction{h, k}.value() - number) <= 1e-10 * number || left <= 0) break;
    rest = 1 / left;
  }
  return k == 0 ? Fraction{0, 1} : Fraction{h, k};
}

std::ostream& operator<<(std::ostream& out, const Fraction& fraction) {
  out << fraction.numerator;
  if (fraction.denominator != 1) out << '/' << fraction.denominator;
  return out;
}

}  // namespace weft
