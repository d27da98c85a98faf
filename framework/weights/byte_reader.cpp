#include "framework/weights/byte_reader.h"

#include "framework/base/text.h"
#include "framework/weights/mapped_file.h"

namespace weft::weights {

ByteReader::ByteReader(std::string path, std::string_view bytes, std::string what)
    : path_(std::move(path)), bytes_(bytes), what_(std::move(what)) {}

std::string_view ByteReader::take(uint64_t count) {
  if (count > bytes_.size() - position_) throw damaged(path_, text(what_, " ends too early"));
  const std::string_view taken = bytes_.substr(position_, count);
  position_ += count;
  return taken;
}

uint64_t ByteReader::little(size_t bytes) {
  uint64_t number = 0;
  size_t shift = 0;
  for (const char byte : take(bytes)) {
    number |= static_cast<uint64_t>(static_cast<unsigned char>(byte)) << shift;
    shift += 8;
  }
  return number;
}

std::string_view ByteReader::line() {
  const size_t end = bytes_.find('\n', position_);
  if (end == std::string_view::npos) throw damaged(path_, text(what_, " ends too early"));
  const std::string_view taken = take(end - position_);
  ++position_;
  return taken;
}

std::string shown_name(std::string_view name) {
  constexpr size_t kLongest = 80;
  return printable(shortened(name, kLongest));
}

}  // namespace weft::weights
