#pragma once

#include "cli/cli.h"

#include <filesystem>
#include <string>

namespace weft::cli {

/// @throws Error  (Exit::Failed) for a name of something that is there, but for an empty folder
void check_free(const std::string& folder);

/// Writes a file and those folders above it that are not there, and says so.
/// @throws Error  (Exit::Failed) when it cannot be written
void write_new(const std::filesystem::path& file, const std::string& content, Program& program);

}  // namespace weft::cli
