#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weft {

/// A size that may be unknown: a number, or a rational multiple of a symbol ("half of the height of `labels`").
///
/// Symbols are integers from Symbols::make; each unknown quantity has its own.
class Dim {
 public:
  static constexpr int kNoSymbol = -1;

  Dim() = default;
  Dim(int64_t number) : numerator_(number) {}  // NOLINT: a number is a size
  static Dim of_symbol(int symbol) { return Dim(symbol, 1, 1); }

  bool is_known() const { return symbol_ == kNoSymbol && denominator_ == 1; }
  /// The number of a known size.
  int64_t value() const { return numerator_; }
  int symbol() const { return symbol_; }
  int64_t numerator() const { return numerator_; }
  int64_t denominator() const { return denominator_; }

  /// The same size where `symbol` is `value`; divisions that leave a remainder keep their denominator.
  Dim with(int symbol, const Dim& value) const;

  friend Dim operator*(const Dim& dim, int64_t factor);
  friend Dim operator/(const Dim& dim, int64_t divisor);
  bool operator==(const Dim&) const = default;

 private:
  Dim(int symbol, int64_t numerator, int64_t denominator);

  int symbol_ = kNoSymbol;
  int64_t numerator_ = 0;
  int64_t denominator_ = 1;
};

using Dims = std::vector<Dim>;

/// Creates symbols, and keeps their names and the values that were found for them.
class Symbols {
 public:
  /// A new unknown size; messages call it `name`, such as "height of labels".
  Dim make(std::string name);
  const std::string& name(int symbol) const { return names_[static_cast<size_t>(symbol)]; }

  /// `dim` with the known value of its symbol substituted.
  Dim resolve(const Dim& dim) const;

  enum class Verdict { Equal, Unknown, Different };
  /// Whether two sizes agree. An unknown symbol that is compared with a number takes this number as its value.
  Verdict unify(const Dim& a, const Dim& b);

  /// "256", "H of labels", "H of labels / 2".
  std::string describe(const Dim& dim) const;
  /// "[1, 3, 256, W of labels]".
  std::string describe(const Dims& dims) const;

 private:
  std::vector<std::string> names_;
  std::vector<std::optional<Dim>> values_;
};

}  // namespace weft
