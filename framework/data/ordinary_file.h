#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

namespace weft::data {

/// A file that is open for reading, and neither pipe, socket nor device: nothing says when those would answer.
class OrdinaryFile {
 public:
  /// @throws Error  (Data) when there is no such file, it is none of these, or may not be read
  explicit OrdinaryFile(std::string file);
  ~OrdinaryFile();
  OrdinaryFile(const OrdinaryFile&) = delete;
  OrdinaryFile& operator=(const OrdinaryFile&) = delete;

  /// In bytes.
  int64_t size() const { return size_; }
  /// The whole content, or its first `most` bytes.
  /// @throws Error  (Data) when it cannot be read
  std::string read(size_t most = std::numeric_limits<size_t>::max());

 private:
  std::string file_;
  int descriptor_;
  int64_t size_ = 0;
};

/// The content of a file that is small by nature.
/// @throws Error  (Data) as OrdinaryFile does, and when it has more than `most` bytes, which is then not what it should be
std::string read_small_file(const std::string& file, int64_t most);

/// The same of a text, without the byte order mark that some editors put in front.
/// @throws Error  (Data) also when it is text in UTF-16
std::string read_small_text(const std::string& file, int64_t most);

/// @throws Error  (Data) when a path has a NUL in it, behind which the system would not look
void check_path(const std::string& path);

}  // namespace weft::data
