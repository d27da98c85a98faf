#pragma once

#include "framework/graph/plan.h"
#include "framework/train/chunk_runner.h"

#include <vector>

namespace weft::train {

/// The networks that are trained in a plan, and the steps that depend on them. Lists are by step of the plan.
struct Learners {
  Learning learning;
  /// By update: steps whose values change when its networks do.
  std::vector<std::vector<char>> behind;
  /// By update: steps that its losses depend on.
  std::vector<std::vector<char>> towards;
  int64_t first_time = 0;  ///< the first t at which an updated network runs; chunks count from it
};

/// @throws Error  (Exit::Graph) when no updated network runs
Learners find_learners(const graph::Plan& plan);

}  // namespace weft::train
