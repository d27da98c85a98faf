#pragma once

#include "framework/graph/plan.h"

#include <cstdint>
#include <vector>

namespace weft::run {

/// What a graph wants of a source.
struct SourceNeed {
  bool is_side_by_side = false;  ///< a goal needs its frame at every t, as it needs those of other such sources
  int64_t first_frames = 0;      ///< where it is read `before` some t only: how many frames that are; else 0
};

/// The needs of a plan, by node of its graph; of nodes that are no sources nothing.
std::vector<SourceNeed> source_needs(const graph::Plan& plan);

/// The last t at which any reader may want a frame of a source, from the bounds of `before`; kAlways where it has none.
/// @param source  the number of its step
int64_t last_needed(const graph::Plan& plan, int source);

}  // namespace weft::run
