#pragma once

#include "framework/graph/diagnostics.h"
#include "framework/graph/library.h"
#include "framework/graph/plan.h"

#include <vector>

namespace weft::graph {

/// Warns of nodes of a plan that never run (W301).
/// @param others  plans of the same nodes: what runs in one of them is no fault of this one
void warn_of_what_never_runs(const Plan& plan, const std::vector<const Plan*>& others, Diagnostics& diagnostics);

/// Warns of nodes that no plan needs (W302).
void warn_of_what_is_unused(const GoalGraph& graph, const std::vector<const Plan*>& plans, Diagnostics& diagnostics);

/// Warns of parameters of the file that --set gives a value and that nothing in it reads (W303).
void warn_of_settings_without_effect(const Document& document, const std::vector<Overlay>& settings,
                                     Diagnostics& diagnostics);

/// Whether the delays of a plan add up to more frames than it may keep, which is reported at the longest of them (E504).
bool keeps_too_much(const Plan& plan, Diagnostics& diagnostics);

}  // namespace weft::graph
