#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>

namespace weft {

/// Messages of the commands, line by line, on stderr. Safe to use from several threads.
class Log {
 public:
  enum class Level { Quiet, Normal, Detailed };

  explicit Log(Level level = Level::Normal) : level_(level) {}
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// A message of one line.
  void note(const std::string& line);
  /// A warning: the user probably wants something else.
  void warn(const std::string& line);
  /// Only shown when details are asked for.
  void detail(const std::string& line);
  /// Prints `line` at the first call with this text only.
  void note_once(const std::string& line);

  /// A line that the next line overwrites; drawn on a terminal only. An empty text clears it.
  void status(const std::string& line);
  /// Whether stderr is a terminal, so that a status line makes sense.
  static bool on_terminal();
  /// Whether colours are wanted: a terminal, and NO_COLOR is not set.
  static bool in_colour();
  /// The line as stderr gets it: with colours where they are wanted.
  static std::string shown(const std::string& line) { return in_colour() ? coloured(line) : line; }
  /// `weft:` at the beginning and `error E101` in red, `warning` with or without code in yellow.
  static std::string coloured(const std::string& line);

  Level level() const { return level_; }
  /// Also gives each line (not status lines) to `listener`, for the run's log file.
  void listen(std::function<void(const std::string& level, const std::string& line)> listener);

 private:
  void write(const std::string& level, const std::string& line);

  Level level_;
  std::mutex mutex_;
  std::string status_;
  std::set<std::string> said_once_;
  std::function<void(const std::string&, const std::string&)> listener_;
};

}  // namespace weft
