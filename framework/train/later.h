#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace weft::train {

/// What a run had saved after the checkpoint to which it goes back.
struct Later {
  std::string folder;       ///< where it is kept now: a run folder of its own, which can be resumed
  int64_t checkpoints = 0;  ///< how many
  int64_t step = 0;         ///< of the last of them
};

/// Moves what a run saved after `step` to a folder `aside-N` in its run folder, with a copy of its log and curves. What
/// stays is in the order of steps again, and nothing of it is from another branch than what is saved from now on.
///
/// The newest checkpoint moves last: a process that is killed here leaves a run that goes on where it was.
/// @returns nothing when nothing was saved after it
/// @throws Error  (Exit::Failed) when there is no room for the copies; then all is where it was
std::optional<Later> keep_later_aside(const std::string& run_folder, int64_t step);

}  // namespace weft::train
