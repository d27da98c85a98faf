#pragma once

#include "framework/train/trainer.h"

#include <map>
#include <string>

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

/// @throws Error  (Exit::Data) when the file is missing, damaged, or no checkpoint
Checkpoint read_checkpoint(const std::string& path);

/// The file that `place` means: a checkpoint, a run folder or its folder of checkpoints, of which the newest counts.
/// @throws Error  (Exit::Data) when there is none
std::string find_checkpoint(const std::string& place);

/// Refuses a checkpoint of another graph, with the lines that differ. How long training goes on and what is kept of it
/// may differ.
/// @throws Error  (Exit::Data)
void check_same_graph(const std::string& path, const Checkpoint& checkpoint, const std::string& graph);

}  // namespace weft::train
