#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weft::testing {

/// Rows of numbers that the original program gave, with the names of their modes.
struct Rows {
  std::vector<std::string> modes;
  std::vector<std::vector<int64_t>> rows;
};

/// Reads a conformance file that holds one table of floats; no rows when the file is not there.
Rows read_rows(const std::string& name);

}  // namespace weft::testing
