#pragma once

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/spec/fraction.h"
#include "framework/spec/param.h"

#include <array>
#include <concepts>
#include <initializer_list>
#include <type_traits>
#include <utility>

namespace weft {

/// A path parameter. In a graph file it is relative to that file, on the command line to the working directory; the
/// node gets it ready to open.
struct Path : std::string {
  using std::string::string;
  Path(std::string path) : std::string(std::move(path)) {}  // NOLINT
};

namespace detail {

template <typename T>
struct ParamTraits;
template <>
struct ParamTraits<bool> {
  static constexpr ParamType kType = ParamType::Boolean;
  using Stored = bool;
};
template <std::integral T>
struct ParamTraits<T> {
  static constexpr ParamType kType = ParamType::Integer;
  using Stored = int64_t;
};
template <std::floating_point T>
struct ParamTraits<T> {
  static constexpr ParamType kType = ParamType::Real;
  using Stored = double;
};
template <>
struct ParamTraits<Fraction> {
  static constexpr ParamType kType = ParamType::Fraction;
};
template <>
struct ParamTraits<std::string> {
  static constexpr ParamType kType = ParamType::Text;
  using Stored = std::string;
};
template <>
struct ParamTraits<Path> {
  static constexpr ParamType kType = ParamType::Path;
  using Stored = std::string;
};
template <>
struct ParamTraits<std::vector<int64_t>> {
  static constexpr ParamType kType = ParamType::Integers;
  using Stored = std::vector<int64_t>;
};
template <>
struct ParamTraits<std::vector<double>> {
  static constexpr ParamType kType = ParamType::Reals;
  using Stored = std::vector<double>;
};
template <>
struct ParamTraits<std::vector<std::string>> {
  static constexpr ParamType kType = ParamType::Texts;
  using Stored = std::vector<std::string>;
};

/// The value of a field as that of a parameter.
template <typename T>
ParamValue param_value(const T& field) {
  if constexpr (std::is_same_v<T, Fraction>) {
    return field.denominator == 1 ? ParamValue(field.numerator) : ParamValue(text(field));
  } else {
    return ParamValue(typename ParamTraits<T>::Stored(field));
  }
}

/// The field for a value that was converted to the parameter's type.
template <typename T>
T field_value(const ParamValue& value) {
  if constexpr (std::is_same_v<T, Fraction>) {
    if (const auto* whole = std::get_if<int64_t>(&value)) return {*whole, 1};
    if (const auto* real = std::get_if<double>(&value)) return Fraction::nearest(*real);
    return *Fraction::parse(std::get<std::string>(value));
  } else {
    return T(std::get<typename ParamTraits<T>::Stored>(value));
  }
}

}  // namespace detail

/// The argument of a node's `params(Params& p)`. The same call declares a parameter, whose default is the value of the
/// field, and sets the field.
///
///   p("eps", eps, "smoothing").above(0);
///   p("size", size, "height and width in pixels").count({2});
///   p("norm", norm, "which normalisation", {{"batch", Norm::Batch}, {"instance", Norm::Instance}});
class Params {
 public:
  /// Collects the declarations.
  Params() = default;
  /// Sets fields from `values`; fields without a value keep their default.
  explicit Params(const ParamValues& values) : values_(&values) {}

  class Entry {
   public:
    Entry& min(double number) { return spec_->min = number, *this; }
    Entry& max(double number) { return spec_->max = number, *this; }
    Entry& above(double number) { return spec_->min = number, spec_->above_min = true, *this; }
    Entry& below(double number) { return spec_->max = number, spec_->below_max = true, *this; }
    Entry& choice(std::vector<std::string> choices) { return spec_->choices = std::move(choices), *this; }
    /// Of a list: the allowed numbers of items.
    Entry& count(std::vector<int64_t> counts) { return spec_->allowed_counts = std::move(counts), *this; }
    /// The graph must set it; there is no default.
    Entry& required() { return spec_->default_value.reset(), spec_->required = true, *this; }

   private:
    friend class Params;
    explicit Entry(ParamSpec& spec) : spec_(&spec) {}
    ParamSpec* spec_;
  };

  template <typename T>
  Entry operator()(std::string name, T& field, std::string about) {
    ParamSpec& spec = declare(std::move(name), detail::ParamTraits<T>::kType, std::move(about));
    spec.default_value = detail::param_value(field);
    if (const ParamValue* given = find(spec)) field = detail::field_value<T>(*given);
    return Entry(spec);
  }

  /// A parameter without a default; it may stay unset.
  template <typename T>
  Entry operator()(std::string name, std::optional<T>& field, std::string about) {
    ParamSpec& spec = declare(std::move(name), detail::ParamTraits<T>::kType, std::move(about));
    if (const ParamValue* given = find(spec)) field = detail::field_value<T>(*given);
    return Entry(spec);
  }

  /// A choice between the values of an enum, by name.
  template <typename E>
  requires std::is_enum_v<E>
  void operator()(std::string name, E& field, std::string about,
                  std::initializer_list<std::pair<const char*, E>> choices) {
    ParamSpec& spec = declare(std::move(name), ParamType::Text, std::move(about));
    for (const auto& [word, meaning] : choices) {
      spec.choices.emplace_back(word);
      if (meaning == field) spec.default_value = ParamValue(std::string(word));
    }
    const ParamValue* given = find(spec);
    if (!given) return;
    for (const auto& [word, meaning] : choices) {
      if (std::get<std::string>(*given) == word) field = meaning;
    }
  }

  const std::vector<ParamSpec>& specs() const { return specs_; }

 private:
  ParamSpec& declare(std::string name, ParamType type, std::string about) {
    specs_.push_back({});
    specs_.back().name = std::move(name);
    specs_.back().type = type;
    specs_.back().about = std::move(about);
    return specs_.back();
  }

  const ParamValue* find(const ParamSpec& spec) const {
    if (!values_) return nullptr;
    const auto found = values_->find(spec.name);
    return found == values_->end() ? nullptr : &found->second;
  }

  const ParamValues* values_ = nullptr;
  std::vector<ParamSpec> specs_;
};

}  // namespace weft
