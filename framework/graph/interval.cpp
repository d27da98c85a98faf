#include "framework/graph/interval.h"

#include "framework/base/text.h"

#include <charconv>
#include <cmath>

namespace weft::graph {

std::optional<Interval> Interval::parse(std::string_view text, std::string& fault) {
  struct Word {
    std::string_view word;
    Unit unit;
    double factor;
    bool is_whole;
  };
  static constexpr Word kWords[] = {
      {"s", Unit::Seconds, 1, false},    {"min", Unit::Seconds, 60, false}, {"h", Unit::Seconds, 3600, false},
      {"step", Unit::Steps, 1, true},    {"steps", Unit::Steps, 1, true},   {"epoch", Unit::Epochs, 1, true},
      {"epochs", Unit::Epochs, 1, true},
  };
  const std::vector<std::string> parts = split(text, ' ');
  double count = 0;
  if (parts.size() == 2) {
    const auto [end, error] = std::from_chars(parts[0].data(), parts[0].data() + parts[0].size(), count);
    const bool is_number = error == std::errc() && end == parts[0].data() + parts[0].size() && std::isfinite(count);
    for (const Word& word : kWords) {
      const bool fits = !word.is_whole || (count >= 1 && count == std::floor(count));
      if (is_number && count > 0 && parts[1] == word.word && fits) return Interval{count * word.factor, word.unit};
    }
  }
  fault = "must look like \"10 min\", \"30 s\", \"2 h\", \"500 steps\" or \"1 epoch\"";
  return {};
}

}  // namespace weft::graph
