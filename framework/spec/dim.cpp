#include "framework/spec/dim.h"

#include "framework/base/text.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace weft {
namespace {

constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();

/// The product, or the largest number where it does not fit: such a size is refused by its bytes.
int64_t product(int64_t a, int64_t b) {
  int64_t result = 0;
  if (!__builtin_mul_overflow(a, b, &result)) return std::max(result, -kLargest);
  return (a < 0) == (b < 0) ? kLargest : -kLargest;
}

}  // namespace

Dim::Dim(int symbol, int64_t numerator, int64_t denominator)
    : symbol_(symbol), numerator_(std::max(numerator, -kLargest)), denominator_(denominator) {
  const int64_t common = std::gcd(numerator_, denominator_);
  if (common > 1) {
    numerator_ /= common;
    denominator_ /= common;
  }
}

Dim operator*(const Dim& dim, int64_t factor) {
  return Dim(dim.symbol_, product(dim.numerator_, factor), dim.denominator_);
}

Dim operator/(const Dim& dim, int64_t divisor) {
  return Dim(dim.symbol_, dim.numerator_, product(dim.denominator_, divisor));
}

Dim Dim::with(int symbol, const Dim& value) const {
  if (symbol_ != symbol) return *this;
  return Dim(value.symbol_, product(value.numerator_, numerator_), product(value.denominator_, denominator_));
}

Dim Symbols::make(std::string name) {
  names_.push_back(std::move(name));
  values_.emplace_back();
  return Dim::of_symbol(static_cast<int>(names_.size()) - 1);
}

Dim Symbols::resolve(const Dim& dim) const {
  Dim known = dim;
  while (known.symbol() != Dim::kNoSymbol && values_[static_cast<size_t>(known.symbol())]) {
    known = known.with(known.symbol(), *values_[static_cast<size_t>(known.symbol())]);
  }
  return known;
}

Symbols::Verdict Symbols::unify(const Dim& a, const Dim& b) {
  const Dim left = resolve(a), right = resolve(b);
  if (left == right) return Verdict::Equal;
  const bool left_is_number = left.symbol() == Dim::kNoSymbol, right_is_number = right.symbol() == Dim::kNoSymbol;
  if (left_is_number && right_is_number) return Verdict::Different;
  if (left.symbol() == right.symbol()) return Verdict::Different;  // H against H/2
  // Of two symbols the older stays: it belongs to the stream nearer to the source.
  const bool right_goes = left_is_number || (!right_is_number && right.symbol() > left.symbol());
  const Dim& unknown = right_goes ? right : left;
  const Dim& other = right_goes ? left : right;
  // unknown = symbol * n / d, hence symbol = other * d / n.
  values_[static_cast<size_t>(unknown.symbol())] = other * unknown.denominator() / unknown.numerator();
  return Verdict::Unknown;
}

std::string Symbols::describe(const Dim& dim) const {
  const Dim known = resolve(dim);
  std::string size = known.symbol() == Dim::kNoSymbol ? text(known.numerator()) : name(known.symbol());
  if (known.symbol() != Dim::kNoSymbol && known.numerator() != 1) size = text(known.numerator(), " * ", size);
  if (known.denominator() != 1) size += text(" / ", known.denominator());
  return size;
}

std::string Symbols::describe(const Dims& dims) const {
  std::vector<std::string> sizes;
  for (const Dim& dim : dims) sizes.push_back(describe(dim));
  return text('[', join(sizes), ']');
}

}  // namespace weft
