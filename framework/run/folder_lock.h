#pragma once

#include <string>

namespace weft::run {

/// That one process alone works in a run folder. The kernel lets go of it when the process ends, however it ends; so
/// nothing stays behind that a later run would have to judge.
class FolderLock {
 public:
  /// @throws Error  (Exit::Failed) when another process works there, or the folder cannot be written
  explicit FolderLock(const std::string& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace weft::run
