#pragma once

#include "framework/base/error.h"
#include "framework/report/study.h"

#include <string>

namespace weft::cli {

/// The clips of a method, by name: those of a file (which has the name "clip"), of all files below a folder (by path, without
/// ending), or those that a run wrote (by the paths in the graph.toml of its run folder).
/// @param place  where the path stands, for messages
/// @throws Error  (Data) when there is no such path, or it has no clips
report::NamedClips find_clips(const std::string& path, const Place& place);

}  // namespace weft::cli
