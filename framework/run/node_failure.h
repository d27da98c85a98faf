#pragma once

#include "framework/base/error.h"
#include "framework/graph/flat_graph.h"

#include <exception>
#include <optional>
#include <string>

namespace weft::run {

/// The Error of memory that could not be had, when `thrown` says so; nothing when it is about something else.
std::optional<Error> memory_failure(const std::exception& thrown);

/// Makes one Error of what a node threw: its own text, then node, frame, place, and the shapes of its inputs.
Error node_failure(std::exception_ptr thrown, const graph::FlatNode& node, int64_t frame, const std::string& inputs);

}  // namespace weft::run
