#pragma once

#include <string>
#include <string_view>

namespace weft::data {

/// The operating system's text for the error number `error`.
std::string system_text(int error);

/// Writes a file so that it is whole or not there at all: under another name first. One of that name is
/// replaced.
/// @throws Error  (Failed) when it cannot be written
void write_file(const std::string& file, std::string_view bytes);

/// Makes a folder and those above it; one that is there is welcome. An empty name is the working folder.
/// @throws Error  (Failed) when it cannot be made
void make_folder(const std::string& folder);

/// The error of a file that cannot be written.
/// @throws Error  (Failed), always
[[noreturn]] void fail_to_write(const std::string& file, const std::string& reason);

}  // namespace weft::data
