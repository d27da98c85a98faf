#pragma once

#include <exception>
#include <string>

namespace weft::engines {

/// @throws Error  (Exit::Data) when there is no such file
void check_exists(const std::string& path);

/// What a library says, without stack traces and control characters, 400 bytes at most.
std::string short_text(const std::exception& fault);

}  // namespace weft::engines
