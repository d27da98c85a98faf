#pragma once

#include "framework/graph/plan.h"
#include "framework/node/node.h"

#include <optional>
#include <string>
#include <vector>

namespace weft::train {

/// Leads all sources of a plan on to the sequence behind the next `skipped` ones.
/// @param nodes    by node of the plan's graph
/// @param before   how many sequences they have had
/// @param context  what a source may know; its node is set for each
/// @returns its name; nothing when there is none
/// @throws Error  (Exit::Data) when some sources have one and others do not; what a source throws, with its node
std::optional<std::string> next_clip(const graph::Plan& plan, const std::vector<Node*>& nodes, int64_t before,
                                     int64_t skipped, const Context& context);

}  // namespace weft::train
