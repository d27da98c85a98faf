#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weft::weights {

/// Reads bytes from front to back, never past their end.
class ByteReader {
 public:
  /// @param path  the file, for messages
  /// @param what  what the bytes are, for messages: "the pickle"
  ByteReader(std::string path, std::string_view bytes, std::string what);

  /// The next `count` bytes.
  /// @throws Error  when fewer are left
  std::string_view take(uint64_t count);
  /// The next number of 1 to 8 bytes, the lowest first.
  uint64_t little(size_t bytes);
  /// The bytes before the next line feed, which is skipped.
  std::string_view line();

  size_t position() const { return position_; }
  std::string_view rest() const { return bytes_.substr(position_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::string_view bytes_;
  std::string what_;
  size_t position_ = 0;
};

/// A name from a file as a message shows it: printable, and at most about 80 bytes.
std::string shown_name(std::string_view name);

}  // namespace weft::weights
