#pragma once

#include "framework/graph/check.h"

#include <optional>
#include <string>
#include <vector>

namespace weft::graph {

/// The frames of the longest clip, as far as the parameters of the sources say so.
std::optional<int64_t> clip_length(const Plan& plan);

/// What a stage of training comes to, a line each: epochs, frames and chunks; for each update the parts that learn and
/// those that never run; the weights that are wanted.
std::vector<std::string> stage_lines(const Stage& stage);

}  // namespace weft::graph
