#pragma once

#include "framework/data/draws.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weft {
class Context;
}  // namespace weft

namespace weft::data {

/// The frames of a clip: `begin`, `begin + step`, …
struct ClipFrames {
  int64_t begin = 0;
  int64_t step = 1;
  int64_t count = 0;

  bool operator==(const ClipFrames&) const = default;
};

/// How long clips are and how fast they go.
struct ClipRules {
  int64_t length = 0;        ///< frames of a clip; 0: all of its sequence
  int64_t longest_step = 1;  ///< a clip takes every n-th frame, n drawn from 1 to this
};

/// From what all is drawn of an epoch: of the run's seed and the epoch alone, so that nodes which read the same sequences
/// draw the same clips.
uint64_t clip_seed(const Context& context);

/// What a clip is drawn from.
/// @param number  of the sequence in natural order, or, where sequences are drawn, of the clip in the epoch
Draws draws_of_clip(uint64_t seed, size_t number);

/// Draws a clip of a sequence: its step first, then where it begins.
///
/// A sequence that is shorter than a clip gives all that it has. No step is longer than the sequence allows.
///
/// Source: the data rules of the 2018 program (get_video_params).
/// @param available  frames of the sequence, at least 1
ClipFrames draw_clip(const ClipRules& rules, int64_t available, Draws& draws);

/// The first frames of a sequence, one after the other.
ClipFrames first_clip(const ClipRules& rules, int64_t available);

/// The sequences of an epoch, in their order: each of them once.
/// @param count  of sequences
std::vector<size_t> shuffled_sequences(size_t count, uint64_t seed);

/// The clips of an epoch of which each draws its sequence.
/// @param clips  as the graph says it; 0: as many as there are frames
int64_t count_clips(const std::vector<int64_t>& frames, int64_t clips);

/// The sequences of an epoch with so many clips: each is drawn, in proportion to its frames.
/// @param frames  of each sequence, at least one of them with any
/// @param clips   as count_clips() takes them
std::vector<size_t> drawn_sequences(const std::vector<int64_t>& frames, int64_t clips, uint64_t seed);

}  // namespace weft::data
