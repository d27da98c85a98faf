#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weft::graph {

/// How often something happens: "10 min", "30 s", "2 h", "500 steps", "1 epoch".
struct Interval {
  enum class Unit { Seconds, Steps, Epochs };

  double count = 0;  ///< in that unit
  Unit unit = Unit::Seconds;

  /// @param fault  why `text` is none
  static std::optional<Interval> parse(std::string_view text, std::string& fault);
};

}  // namespace weft::graph
