#pragma once

#include "framework/data/draws.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weft {
class Context;
class Params;
}  // namespace weft

namespace weft::data {

/// The frames of a clip: `begin`, `begin + step`, …
struct ClipFrames {
  int64_t begin = 0;
  int64_t step = 1;
  int64_t count = 0;

  bool operator==(const ClipFrames&) const = default;
};

/// The length of clips, and their step from frame to frame.
struct ClipRules {
  int64_t length = 0;        ///< frames of a clip; 0: all of its sequence
  int64_t longest_step = 1;  ///< a clip has every n-th frame, with n chosen at random from 1 to this
};

/// The seed of all random choices of an epoch. It depends on the run's seed and the epoch alone, so that nodes that read
/// the same sequences choose the same clips.
uint64_t clip_seed(const Context& context);

/// The random numbers of one clip.
/// @param number  index of the sequence in natural order, or, if sequences are chosen at random, of the clip in the epoch
Draws draws_of_clip(uint64_t seed, size_t number);

/// Chooses a clip of a sequence at random: first its step, then its beginning.
///
/// A sequence that is shorter than a clip gives all its frames. The step is limited by the length of the sequence.
///
/// Source: the data rules of the 2018 program (get_video_params).
/// @param available  frames of the sequence, at least 1
ClipFrames draw_clip(const ClipRules& rules, int64_t available, Draws& draws);

/// The first frames of a sequence, one after the other.
ClipFrames first_clip(const ClipRules& rules, int64_t available);

/// The choice of an example beside a clip: another frame of the same sequence, for few-shot networks.
struct ExampleRules {
  std::optional<int64_t> number;           ///< which of the clip's examples, from 1; nothing: the clip itself
  std::vector<int64_t> apart = {14, 300};  ///< frames between the clip's first frame and the example, to both sides

  /// Declares `example` and `apart`.
  void declare(Params& p);
};

/// Chooses the example with this number: all examples of a clip are different frames, and none lies between the clip's
/// first and last frame. Where fewer frames than that are as far apart as asked, any other frame outside the clip is taken.
///
/// Source: the data rules of few-shot vid2vid, which choose examples before or after the clip; those of its program may lie
/// within the clip.
/// @param rules      with a number
/// @param sequence   its name, for messages
/// @param available  frames of the sequence
/// @param draws      as draws_of_examples() gives them
/// @throws Error  (Data) when there are too few frames; (Graph) when the distances contradict each other
int64_t draw_example(const ExampleRules& rules, const ClipFrames& clip, const std::string& sequence, int64_t available,
                     Draws draws);

/// The random numbers of a clip's examples. @param number  as draws_of_clip() takes it
Draws draws_of_examples(uint64_t seed, size_t number);

/// Refuses sequences of training that are among those kept for measuring.
/// @param where  the latter are, for the message
/// @throws Error  (Data) with the names
void check_disjoint(const std::vector<std::string>& sequences, const std::vector<std::string>& held_out,
                    const std::string& where);

/// The sequences of an epoch, in their order: each of them once.
/// @param count  of sequences
std::vector<size_t> shuffled_sequences(size_t count, uint64_t seed);

/// The number of clips of an epoch in which each clip chooses its sequence at random.
/// @param clips  the parameter of the graph; 0: as many clips as there are frames
int64_t count_clips(const std::vector<int64_t>& frames, int64_t clips);

/// The sequences of an epoch with so many clips, chosen at random in proportion to their numbers of frames.
/// @param frames  of each sequence; at least one sequence has frames
/// @param clips   as count_clips() takes them
std::vector<size_t> drawn_sequences(const std::vector<int64_t>& frames, int64_t clips, uint64_t seed);

}  // namespace weft::data
