#pragma once

#include <cstddef>
#include <string>

namespace weft::weights {

/// A file that is written beside its place and put there when it is complete and on the disk. Until then, and
/// when anything fails, what was at the place stays.
class AtomicFile {
 public:
  /// @throws Error  when the folder is missing or not writable
  explicit AtomicFile(std::string path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// @throws Error  when the disk is full or fails
  void write(const void* bytes, size_t count);
  /// Puts the file in its place.
  /// @throws Error  when the disk fails, or the place is a folder
  void commit();

 private:
  [[noreturn]] void fail() const;

  std::string path_;
  std::string temporary_;
  int descriptor_;
  bool is_committed_ = false;
};

}  // namespace weft::weights
