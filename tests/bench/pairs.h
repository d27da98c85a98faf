#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <vector>

namespace weft::bench {

inline double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

inline double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Two ways of doing the same, timed one after the other again and again, so that both see the same machine.
struct Pairs {
  std::vector<double> first, second, ratios;  ///< seconds; first / second

  /// @param first, second  each does its work once and gives the seconds it took
  void time(const std::function<double()>& work_first, const std::function<double()>& work_second) {
    const bool turned = ratios.size() % 2 == 1;  // neither is always the one that comes after the other
    const double early = (turned ? work_second : work_first)(), late = (turned ? work_first : work_second)();
    first.push_back(turned ? late : early);
    second.push_back(turned ? early : late);
    ratios.push_back(first.back() / second.back());
  }
};

}  // namespace weft::bench
