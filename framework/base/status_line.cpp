#include "framework/base/status_line.h"

#include "framework/base/text.h"

#include <cstdio>

namespace weft {

bool StatusLine::is_due() const {
  const double every = Log::on_terminal() ? 0.2 : 10;  // seconds
  return std::chrono::duration<double>(Clock::now() - last_).count() >= every;
}

void StatusLine::show(const std::string& line) {
  begin();
  Log::on_terminal() ? log_.status(line) : log_.note(line);
}

std::string rate_text(double frames, double seconds) {
  const double rate = seconds > 0 ? frames / seconds : 0;
  char number[40];
  std::snprintf(number, sizeof number, rate >= 10 ? "%.0f" : rate >= 0.1 ? "%.2f" : "%.2g", rate);
  return text(number, " frames/s");
}

}  // namespace weft
