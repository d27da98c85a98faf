#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace weft::cli {

/// One variant with one seed, and the folder in which it is trained and measured.
struct AblationCell {
  std::string row;      ///< "no_warping", "F.blocks=6"
  std::string measure;  ///< the graph that measures it
  int64_t seed = 0;
  std::filesystem::path folder;
  std::string training_hash;              ///< of all that the trained weights depend on
  std::string measure_hash;               ///< of all else that the numbers depend on
  const AblationCell* trainer = nullptr;  ///< an earlier one whose training is the same; none: it trains by itself

  enum class State { Missing, Begun, Trained, Done };
  /// What an earlier run left; Missing where that was of another training, Trained where it was measured in another way.
  State state() const;
  /// @throws Error  (Exit::Failed) when it cannot be written
  void remember(State state) const;
  /// Keeps what an earlier run of another hash left, under a name of its own.
  void move_aside() const;

  /// How long training and measuring took so far, over all interruptions; 0 where nothing is known.
  double seconds() const;
  void add_seconds(double more) const;

  std::string log() const { return (folder / "log.txt").string(); }
  /// The last line of the log.
  std::string last_words() const;
};

/// A folder's name for a row: letters, digits and . _ = - stay.
std::string folder_name(const std::string& row);

/// About how long the unfinished cells take, one after the other: each as the finished ones of its row did, or all finished
/// ones where its row has none, less what it has had. Nothing where no cell is finished.
std::optional<double> seconds_left(const std::vector<AblationCell>& cells);

/// What a process came to.
struct Ended {
  int code = 0;            ///< the exit code, or 128 + the signal that ended it
  int64_t peak_bytes = 0;  ///< the most memory that it had
};

/// Runs this program with other arguments; what it prints goes to the end of a file. A signal that stops this process is
/// passed on once.
/// @param settles  told once the most memory that it had in its first minute
Ended run_program(const std::vector<std::string>& arguments, const std::string& log, const std::atomic<int>& stop,
                  const std::function<void(int64_t peak_bytes)>& settles);

/// The memory that new processes can have, by the system's estimate; 0 where it says none.
int64_t available_bytes();

}  // namespace weft::cli
