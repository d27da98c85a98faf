#pragma once

#include "framework/base/error.h"
#include "framework/train/trainer.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace weft::train {

/// Everything that a resumed run goes on from.
struct Checkpoint {
  Position position;
  int64_t stage = 0;
  int64_t epoch_of_stage = 0;             ///< epochs of it that are over
  std::string graph;                      ///< the stage's plan as text, to see whether another run is of the same graph
  std::map<std::string, int64_t> files;   ///< how long files of the run folder were
  std::map<std::string, double> numbers;  ///< what else the run counts
  Archive::Entries tensors;
};

/// Writes a checkpoint as a safetensors file, all or nothing: until it is whole, what was at `path` stays.
/// @throws Error  (Exit::Failed) when it cannot be written; the disk may be full
void write_checkpoint(const std::string& path, const Checkpoint& checkpoint);

/// @throws Error  (Exit::Data) when the file is missing, damaged, or no checkpoint, or what it says of itself cannot be:
///                counts that are missing, below 0, absurd, or contradict each other
Checkpoint read_checkpoint(const std::string& path);

/// The step of a checkpoint, from its header alone; nothing when it is missing, or none.
std::optional<int64_t> step_of(const std::string& path);

/// A checkpoint that has its step as its name.
struct SavedCheckpoint {
  int64_t step = 0;
  std::string path;
};

/// "00000012.safetensors".
std::string checkpoint_name(int64_t step);

/// The checkpoints in a folder, in the order in which they were saved: a run that goes back to an earlier one keeps those
/// that are later aside first, so steps only grow. A file with another name is not among them.
std::vector<SavedCheckpoint> saved_checkpoints(const std::string& folder);

/// The file that `place` means: a checkpoint, a run folder or its folder of checkpoints, of which the newest counts.
/// @throws Error  (Exit::Data) when there is none
std::string find_checkpoint(const std::string& place);

/// The folder of the run that a checkpoint was made in; empty when it lies elsewhere.
std::string run_folder_of(const std::string& checkpoint);

/// Adds up to eight lines to an error, and how many more there are.
Error lists(Error error, const std::vector<std::string>& lines);

/// The error for a checkpoint that cannot be resumed: up to eight of the faults, and the checkpoint before it as a way out.
Error unusable(const std::string& path, const std::string& what, const std::vector<std::string>& faults);

}  // namespace weft::train
