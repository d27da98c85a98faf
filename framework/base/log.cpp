#include "framework/base/log.h"

#include "framework/base/text.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <regex>

namespace weft {

bool Log::on_terminal() {
  return isatty(STDERR_FILENO) != 0;
}

bool Log::in_colour() {
  const char* no_colour = std::getenv("NO_COLOR");
  return on_terminal() && (no_colour == nullptr || *no_colour == '\0');
}

std::string Log::coloured(const std::string& line) {
  static const std::regex words("(^weft:)|(error E[0-9]+)|(warning W[0-9]+|^warning)");
  const std::string red = std::regex_replace(line, words, "\033[1;31m$1$2\033[0m\033[1;33m$3\033[0m");
  static const std::regex without_text("\033\\[1;3[13]m\033\\[0m");
  return std::regex_replace(red, without_text, "");
}

void Log::note(const std::string& line) {
  write("note", line);
}

void Log::warn(const std::string& line) {
  write("warning", "warning: " + line);
}

void Log::detail(const std::string& line) {
  if (level_ == Level::Detailed) write("detail", line);
}

void Log::note_once(const std::string& line) {
  {
    const std::lock_guard lock(mutex_);
    if (!said_once_.insert(line).second) return;
  }
  note(line);
}

void Log::status(const std::string& line) {
  if (level_ == Level::Quiet || !on_terminal()) return;
  const std::lock_guard lock(mutex_);
  status_ = printable(line);
  std::cerr << "\r\033[K" << status_ << std::flush;
}

void Log::listen(std::function<void(const std::string&, const std::string&)> listener) {
  const std::lock_guard lock(mutex_);
  listener_ = std::move(listener);
}

void Log::write(const std::string& level, const std::string& line) {
  const std::lock_guard lock(mutex_);
  if (listener_) listener_(level, line);
  if (level_ == Level::Quiet && level != "warning") return;
  if (!status_.empty()) std::cerr << "\r\033[K";
  std::cerr << shown(printable(line, "\n")) << '\n';
  if (!status_.empty()) std::cerr << status_ << std::flush;
}

}  // namespace weft
