#pragma once

#include "framework/node/stamp.h"

#include <optional>
#include <string>

namespace weft::plugin {

/// What was found in a file that should be a plugin.
struct StampReading {
  std::optional<Stamp> stamp;
  std::string fault;  ///< why there is none
};

/// Reads the stamp of a shared library from its section `.weft_stamp`, without opening the library.
/// Trusts nothing in the file: each offset and size is compared with the file's length.
StampReading read_stamp(const std::string& file);

/// What forbids a plugin with this stamp in this process, with both versions and what to do; empty when nothing does.
std::string refusal(const Stamp& stamp);

}  // namespace weft::plugin
