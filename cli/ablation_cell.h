#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace weft::cli {

/// One variant with one seed, and the folder in which it is trained and measured.
struct AblationCell {
  std::string row;      ///< "no_warping", "F.blocks=6"
  std::string measure;  ///< the graph that measures it
  int64_t seed = 0;
  std::filesystem::path folder;
  std::string hash;  ///< of all that its numbers depend on

  enum class State { Missing, Begun, Trained, Done };
  /// What an earlier run left; Missing where that was of another hash.
  State state() const;
  /// @throws Error  (Exit::Failed) when it cannot be written
  void remember(State state) const;
  /// Keeps what an earlier run of another hash left, under a name of its own.
  void move_aside() const;

  std::string log() const { return (folder / "log.txt").string(); }
  /// The last line of the log.
  std::string last_words() const;
};

/// A folder's name for a row: letters, digits and . _ = - stay.
std::string folder_name(const std::string& row);

/// Runs this program with other arguments; what it prints goes to the end of a file. A signal that stops this process is
/// passed on once.
/// @returns the exit code, or 128 + the signal that ended it
int run_program(const std::vector<std::string>& arguments, const std::string& log, const std::atomic<int>& stop);

}  // namespace weft::cli
