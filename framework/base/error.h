#pragma once

#include <exception>
#include <iosfwd>
#include <string>
#include <vector>

namespace weft {

/// A position in a text file. Lines and columns count from 1; 0 where unknown. `file` is empty for the command line.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;

  bool operator==(const Place&) const = default;
};

/// `file:line:column`, as far as it is known.
std::ostream& operator<<(std::ostream& out, const Place& place);

/// The exit code of the process; docs/command-line.md lists the meanings for scripts.
enum class Exit {
  Done = 0,
  Failed = 1,     ///< the run failed
  Usage = 2,      ///< the command line is wrong
  Graph = 3,      ///< the graph is wrong
  Data = 4,       ///< data or weights are missing or wrong
  Plugin = 5,     ///< a plugin is missing or was refused
  Memory = 6,     ///< out of memory
  NotFinite = 7,  ///< a loss, or a value that is to be written, is not finite
};

/// The one exception of weft: the fault, its place, and a way out. It ends the command.
class Error : public std::exception {
 public:
  Error(Exit exit, std::string message);
  Error(Exit exit, Place place, std::string message);
  ~Error() override;

  Error(const Error&) = default;
  Error& operator=(const Error&) = default;

  /// Adds one way out; printed on a line of its own.
  Error& hint(std::string hint);
  /// Adds a line that names the operation that failed; the innermost operation comes first.
  Error& within(std::string context);

  Exit exit() const { return exit_; }
  const Place& place() const { return place_; }
  const std::string& message() const { return message_; }
  const std::vector<std::string>& hints() const { return hints_; }

  /// The whole text: `place: message`, then one indented line for each context and hint.
  const char* what() const noexcept override { return what_.c_str(); }

 private:
  void compose();

  Exit exit_;
  Place place_;
  std::string message_;
  std::vector<std::string> contexts_;
  std::vector<std::string> hints_;
  std::string what_;
};

}  // namespace weft
