#pragma once

#include "cli/cli.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weft::cli {

/// A line of a look at a data set.
struct Finding {
  std::string text, way_out;
  bool is_fault = false;
  nlohmann::json facts;  ///< what is there, with the last line; docs/nodes/media.md
};

/// A node of a plugin that reads data sets.
/// @param reads  what the plugin reads, for the message: "pictures"
/// @throws Error  (Exit::Plugin) when the plugin is not there
std::unique_ptr<Node> make_reader(const std::string& type, const char* reads, Program& program);

/// Looks at a data set with the plugin that reads pictures, and gives each line to `take`.
/// @param params  those of media.check_data
/// @throws Error  (Exit::Usage) when one is wrong, (Exit::Data) when the data cannot be read, (Exit::Plugin) when the plugin
///                is not there
void look_at_data(const ParamValues& params, Program& program, const std::function<void(const Finding&)>& take);

/// The palette file of the colours in a folder of labels, as text.
/// @throws Error  (Exit::Data) when there are no pictures, or their colours are none of classes
std::string palette_of(const std::string& folder, Program& program);

}  // namespace weft::cli
