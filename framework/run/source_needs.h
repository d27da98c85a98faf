#pragma once

#include "framework/graph/plan.h"

#include <cstdint>
#include <vector>

namespace weft::run {

/// What a graph wants of a source.
struct SourceNeed {
  bool is_side_by_side = false;  ///< a goal needs its frame at every t from some t on, with those of other such sources
  int64_t first_frames = 0;      ///< how many of its first frames are read `before` some t; else 0
};

/// The needs of a plan, by node of its graph; of nodes that are no sources nothing.
std::vector<SourceNeed> source_needs(const graph::Plan& plan);

/// The last t at which any reader may want a frame of a source, from the bounds of `before`; kAlways where it has none.
/// @param source  the number of its step
int64_t last_needed(const graph::Plan& plan, int source);

/// How many frames must be there of a source whose length is not known before it ends: those read `before` some t, as far as
/// the run goes. 0 where there are other sources, which may end the run earlier.
/// @param source  the number of its step
int64_t least_frames(const graph::Plan& plan, int source);

}  // namespace weft::run
