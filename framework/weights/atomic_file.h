#pragma once

#include <cstddef>
#include <string>

namespace weft::weights {

/// A file that is written under a temporary name and renamed when it is complete and on the disk. Until then, and after
/// any failure, the previous file of that name stays.
class AtomicFile {
 public:
  /// @throws Error  when the folder is missing or not writable
  explicit AtomicFile(std::string path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// @throws Error  when the disk is full or fails
  void write(const void* bytes, size_t count);
  /// Renames the file to its final name.
  /// @throws Error  when the disk fails, or there is a folder of that name
  void commit();

 private:
  [[noreturn]] void fail() const;

  std::string path_;
  std::string temporary_;
  int descriptor_;
  bool is_committed_ = false;
};

/// Writes a whole file in this way.
/// @throws Error  as AtomicFile
void write_atomically(const std::string& path, const std::string& content);

}  // namespace weft::weights
