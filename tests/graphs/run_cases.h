#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace weft::testing {

/// The folder of the graphs that are run as data: NAME.toml writes `out` with toy.write; NAME.txt is what must stand there.
inline const std::filesystem::path kRunCases = std::filesystem::path(WEFT_SOURCE_DIR) / "tests/graphs/runs";

inline std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::stringstream content;
  content << in.rdbuf();
  return content.str();
}

/// Their names, in order.
inline std::vector<std::string> run_cases() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kRunCases)) {
    if (entry.path().extension() == ".toml" &&
        std::filesystem::exists(std::filesystem::path(entry.path()).replace_extension(".txt")))
      names.push_back(entry.path().stem());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace weft::testing
