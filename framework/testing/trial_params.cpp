#include "framework/testing/trial_params.h"

#include "framework/base/text.h"

#include <algorithm>

namespace weft::testing {
namespace {

constexpr int64_t kLargeInteger = 8;  // of a network's parameters

/// A value for a parameter that must be given; nothing when none can be made up. Lists of a fixed length are mostly sizes,
/// others mostly channels or ids.
std::optional<ParamValue> invented(const ParamSpec& param) {
  const double least = param.min ? *param.min + (param.above_min ? 1 : 0) : 1;
  const double most = param.max ? std::max(least, *param.max - (param.below_max ? 1 : 0)) : least + 64;
  const double middle = param.max && param.min ? (*param.min + *param.max) / 2 : least;
  const auto integer = static_cast<int64_t>(std::clamp(8.0, least, most));
  const bool is_fixed = !param.allowed_counts.empty();
  const auto count = static_cast<size_t>(is_fixed ? param.allowed_counts.front() : 2);
  switch (param.type) {
    case ParamType::Boolean:
      return ParamValue(true);
    case ParamType::Integer:
      return ParamValue(integer);
    case ParamType::Real:
    case ParamType::Fraction:
      return ParamValue(middle);
    case ParamType::Integers:
      return ParamValue(std::vector<int64_t>(count, is_fixed ? integer : static_cast<int64_t>(least)));
    case ParamType::Reals:
      return ParamValue(std::vector<double>(count, middle));
    case ParamType::Text:
      return param.choices.empty() ? std::nullopt : std::optional<ParamValue>(param.choices.front());
    case ParamType::Texts:
      if (param.choices.empty()) return {};
      return ParamValue(std::vector<std::string>(count, param.choices.front()));
    case ParamType::Path:
      return {};
  }
  return {};
}

}  // namespace

std::string choose_params(const NodeSpec& spec, ParamValues& params) {
  for (const ParamSpec& param : spec.params) {
    if (params.contains(param.name)) continue;
    if (param.required) {
      const auto value = invented(param);
      if (!value)
        return text("it wants ", param.type == ParamType::Path ? "a file" : describe(param.type), " (`", param.name,
                    "`): --set ", spec.type, '.', param.name, "=…");
      params[param.name] = *value;
    } else if (spec.is_trainable && param.type == ParamType::Integer && param.default_value) {
      if (std::get<int64_t>(*param.default_value) > kLargeInteger && param.min.value_or(0) <= kLargeInteger)
        params[param.name] = kLargeInteger;
    }
  }
  return {};
}

std::string params_text(const ParamValues& chosen) {
  std::vector<std::string> changes;
  for (const auto& [name, value] : chosen) changes.push_back(text(name, " = ", toml_text(value)));
  return join(changes);
}

}  // namespace weft::testing
