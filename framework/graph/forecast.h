#pragma once

#include "framework/graph/plan.h"

#include <cstdint>
#include <vector>

namespace weft::graph {

/// What of a plan can run at all, and from when on.
struct Forecast {
  static constexpr int64_t kNever = -1;

  std::vector<int64_t> first;               ///< by step: the first t at which it can run, or kNever
  std::vector<std::vector<char>> has_come;  ///< by step and input: whether anything is ever present
  bool is_whole = true;                     ///< false: changes went on and on, and what is missing may still come
  bool ends = true;                         ///< no goal can run for ever; of a forecast until all is at rest
};

/// Which nodes leave times out: those with `every` or `multiple`, only those with `multiple`, or none.
enum class Thinning { AsGiven, Multiple, None };

/// How far a forecast goes: until each step has run once, or until nothing changes any more.
enum class Until { AllHaveRun, Rest };

/// Goes through all of time from change to change: a step can run, or not, until one of its inputs comes or goes, a
/// bound is passed, or a source ends. So a delay of 100,000 frames takes no longer than one of 1, and nothing depends on
/// how far anybody looks.
/// @param lengths  frames of each step that is a source; kAlways where they have no end
/// @param last     the last t that is wanted of goals
Forecast forecast(const Plan& plan, const std::vector<int64_t>& lengths, int64_t last, Thinning thinning, Until until);

}  // namespace weft::graph
