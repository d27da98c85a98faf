#pragma once

#include <string>
#include <vector>

namespace weft::cli {

/// How another program ended.
struct ChildEnd {
  int exit = 0;               ///< its exit code; 127 when there is no such program
  bool is_signalled = false;  ///< a signal ended it
  std::string output;         ///< what it wrote to both standard streams
};

/// Runs a program that is found in PATH, and waits for its end. A Ctrl-C reaches it, and not this process: what is half done can be
/// removed.
/// @param words  the program and its arguments
/// @param log    a file for its output, which is replaced
/// @throws Error  (Exit::Failed) when the log cannot be written
ChildEnd run_child(const std::vector<std::string>& words, const std::string& log);

}  // namespace weft::cli
