#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>

namespace weft::toy {

/// Waits for a file, as for the other end of a pipe; not at all without a name.
inline void wait_for(const std::string& file) {
  while (!file.empty() && !std::filesystem::exists(file)) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

}  // namespace weft::toy
