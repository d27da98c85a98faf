#pragma once

#include "framework/base/log.h"

#include <chrono>
#include <string>

namespace weft {

/// A line that says how far work is: on a terminal it changes in its place, elsewhere a new one is printed now and then.
class StatusLine {
 public:
  explicit StatusLine(Log& log) : log_(log) {}

  /// Begins to count the time to the next line.
  void begin() { last_ = Clock::now(); }
  /// Whether it is time for a line: five in a second on a terminal, elsewhere one in ten seconds.
  bool is_due() const;
  void show(const std::string& line);
  void clear() { log_.status(""); }

 private:
  using Clock = std::chrono::steady_clock;

  Log& log_;
  Clock::time_point last_ = Clock::now();
};

/// "4.62 frames/s".
std::string rate_text(double frames, double seconds);

}  // namespace weft
