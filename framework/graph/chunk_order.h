#pragma once

#include "framework/graph/plan.h"

#include <set>
#include <vector>

namespace weft::graph {

/// In which order the steps of a plan run within a chunk of training.
///
/// Steps run tick by tick, as in a run. A folded step waits until all that it reads has run for the whole chunk, and what
/// reads it runs after it: a chunk is a few levels, in each first the ticks, then the folds.
struct ChunkOrder {
  std::vector<int> levels;  ///< by step, from 0
  int last_level = 0;
  /// Reads with a delay of what the reader's own value comes back to: where `bptt` cuts gradients.
  std::set<const Alternative*> cycle_reads;
};

/// @param plan  must stay where it is for as long as the order is used
ChunkOrder chunk_order(const Plan& plan);

/// For each step, the steps whose values it reads.
std::vector<std::vector<int>> steps_read(const Plan& plan);

}  // namespace weft::graph
