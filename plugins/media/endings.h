#pragma once

#include <string>
#include <vector>

namespace weft::media {

/// Endings of the files that read_picture and read_ids read, in lower case.
std::vector<std::string> picture_endings();
std::vector<std::string> id_endings();

}  // namespace weft::media
