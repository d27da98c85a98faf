#include "plugins/media/picture.h"
#include "tests/fuzz/fuzz.h"

#include <algorithm>
#include <string>

namespace {

using namespace weft;

/// CRC-32, as PNG has it, in four bytes, the highest first.
std::string checksum(std::string_view bytes) {
  uint32_t sum = ~0U;
  for (const char byte : bytes) {
    sum ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) sum = sum >> 1U ^ ((sum & 1U) != 0 ? 0xEDB88320U : 0U);
  }
  std::string big;
  for (int shift = 24; shift >= 0; shift -= 8) big += static_cast<char>(~sum >> shift);
  return big;
}

/// The file with right checksums, so that damage reaches what lies behind them.
std::string with_checksums(std::string file) {
  constexpr size_t kSignature = 8,
                   kAround = 12;  // a chunk: length, type, content, checksum; all but the content 4 bytes
  for (size_t at = kSignature; at + kAround <= file.size();) {
    size_t length = 0;
    for (size_t i = 0; i < 4; ++i) length = length << 8U | static_cast<unsigned char>(file[at + i]);
    length = std::min(length, file.size() - at - kAround);
    file.replace(at + 8 + length, 4, checksum(std::string_view(file).substr(at + 4, 4 + length)));
    at += kAround + length;
  }
  return file;
}

void read_picture(std::string_view input) {
  const std::string& file = fuzz::file_of(input);
  media::Size size;
  fuzz::attempt([&] { size = media::picture_size(file); });
  fuzz::attempt([&] { media::read_ids(file); });
  const at::Tensor picture = media::read_picture(file);
  if (size != media::Size{picture.size(0), picture.size(1)}) fuzz::fail("the header tells another size");
}

}  // namespace

void weft::fuzz::read_input(std::string_view input) {
  attempt([&] { read_picture(input); });
  read_picture(with_checksums(std::string(input)));
}
