#pragma once

#include <string>
#include <utility>
#include <vector>

namespace weft::cli {

/// The files of a new plugin called `name`: paths below its folder, with their contents.
std::vector<std::pair<std::string, std::string>> plugin_template(const std::string& name);

}  // namespace weft::cli
