#pragma once

#include "framework/report/reel.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace weft::report {

/// The clips of a training, as they were at several of its checkpoints: `clips/STREAM-STEP.png` in its run folder, animated
/// PNGs.
class ClipHistory {
 public:
  static constexpr size_t kMost = 8;           ///< steps; beyond, every second one is removed
  static constexpr size_t kBytes = 1'000'000;  ///< of the clips of a step

  /// @param last_step  what is later is removed: the training goes on from there
  ClipHistory(const std::string& run_folder, int64_t last_step);

  /// @throws Error  (Exit::Failed) when a file cannot be written
  void add(int64_t step, const Reel& reel);

  /// The files by stream, then step.
  using Files = std::map<std::string, std::map<int64_t, std::string>>;
  /// What the history of a run folder has; nothing where there is none.
  static Files read(const std::string& run_folder);

 private:
  void remove_steps(const std::vector<int64_t>& steps) const;

  std::string run_folder_;
  std::vector<int64_t> steps_;  ///< that have files, ascending
};

}  // namespace weft::report
