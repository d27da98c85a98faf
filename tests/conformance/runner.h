#pragma once

#include "tests/conformance/cases.h"

#include <iosfwd>
#include <string>
#include <vector>

namespace weft::conformance {

/// What to run, and how much to say.
struct Options {
  enum class Detail { Files, Outputs };

  std::vector<std::string> paths;  ///< files, and folders with all below them
  std::string only = "*";          ///< pattern of the files' names, with or without ending
  Detail detail = Detail::Files;
};

/// How many files went which way.
struct Counts {
  int passed = 0;
  int failed = 0;
  int skipped = 0;  ///< fixtures of modules that weft does not have yet
};

/// The fixtures (*.safetensors) and weight files (*.pth beside an expected.json) under the paths, sorted.
/// @throws Error  when a path does not exist or nothing is found
std::vector<std::string> find_files(const Options& options);

/// Runs every file, a line each as soon as it is done, then the counts.
Counts run_files(const Cases& cases, const std::vector<std::string>& files, Options::Detail detail, std::ostream& out);

}  // namespace weft::conformance
