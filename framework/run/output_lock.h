#pragma once

#include <string>

namespace weft::run {

/// That one process alone writes an output. The lock is a hidden file `.NAME.lock` beside it while it is held, of a folder of
/// frames `.unfinished.lock` in it: files of other names in one folder would be in each other's way. The kernel
/// lets go of it when the process ends, however it ends; a file that stays behind then is in nobody's way, and goes with
/// the next lock of that output.
class OutputLock {
 public:
  /// @param output  a file, or a folder with a pattern of its files; folders above it are made
  /// Where the folder cannot be made or written, or the file system knows no locks, there is no lock.
  /// @throws Error  (Exit::Failed) when another process writes it
  explicit OutputLock(const std::string& output);
  ~OutputLock();
  OutputLock(OutputLock&& other) noexcept;
  OutputLock& operator=(OutputLock&&) = delete;

  /// The name of the lock file; empty where the output has no name.
  static std::string file_for(const std::string& output);
  /// Removes the lock file of an output that a process left behind when it was ended; one that is held stays.
  static void remove_abandoned(const std::string& output);

 private:
  std::string file_;
  int descriptor_ = -1;
};

}  // namespace weft::run
