#pragma once

#include "cli/data_look.h"

namespace weft::cli {

/// Looks at the keypoints of a data set with the nodes that read them in graphs, and gives each line to `take`: files that
/// cannot be read, sequences of other lengths than the images', keypoints of frames of another size.
/// @param facts         of media.check_data: "keypoints" and "lengths", which lacks sequences with faults
/// @param is_whole      whether no sequence had faults
/// @param only_headers  lists the files and opens none
/// @throws Error  (Exit::Plugin) when a plugin that reads them is not there
void look_at_keypoints(const nlohmann::json& facts, bool is_whole, bool only_headers, Program& program,
                       const std::function<void(const Finding&)>& take);

}  // namespace weft::cli
