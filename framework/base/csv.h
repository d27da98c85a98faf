#pragma once

#include <string>

namespace weft {

/// A field of a CSV file (RFC 4180): in quotes where it has to be.
std::string csv_field(const std::string& content);

}  // namespace weft
