#pragma once

#include "framework/graph/plan.h"

#include <set>
#include <vector>

namespace weft::graph {

/// Puts the nodes that goals lead to in order, and numbers and sizes their slots.
/// @param left_out  nodes that never run; nothing reads them
void arrange(Plan& plan, const std::vector<int>& goals, const std::set<int>& left_out);

}  // namespace weft::graph
