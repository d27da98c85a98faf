#pragma once

#include "framework/base/log.h"
#include "framework/graph/check.h"
#include "framework/node/factory.h"

#include <string>

namespace weft::run {

/// Reads the data of a graph once, without its networks and writers: every frame of every source goes through all
/// that stands before the networks, so that files, sizes, frame counts and label ids are seen. Endless sources give
/// 100 frames. Of a graph that trains, the first 20 clips of each stage are read instead.
/// @returns what was read, a line for each source
/// @throws Error  the first thing that is wrong
std::string check_data(const graph::Checked& checked, const NodeFactory& factory, Log& log);

}  // namespace weft::run
