#pragma once

#include "framework/base/error.h"
#include "framework/graph/flat_graph.h"

#include <exception>
#include <string>

namespace weft::run {

/// Makes one Error of what a node threw: its own text, then node, frame, place, and the shapes of its inputs.
Error node_failure(std::exception_ptr thrown, const graph::FlatNode& node, int64_t frame, const std::string& inputs);

}  // namespace weft::run
