#include "plugins/media/exif.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace weft::media {
namespace {

constexpr uint16_t kOrientation = 0x0112;
constexpr size_t kEntryBytes = 12;  // tag, type, count, value

/// Numbers of two or four bytes, in the order that the block begins with.
class Tiff {
 public:
  explicit Tiff(std::string_view block) : block_(block), is_big_endian_(block.starts_with("MM")) {}

  bool is_sound() const { return (is_big_endian_ || block_.starts_with("II")) && number(2, 2) == 42; }

  /// 0 behind the end of the block.
  uint32_t number(size_t at, size_t bytes) const {
    if (at > block_.size() || block_.size() - at < bytes) return 0;
    uint32_t number = 0;
    for (size_t i = 0; i < bytes; ++i) {
      const size_t from = is_big_endian_ ? at + i : at + bytes - 1 - i;
      number = number << 8U | static_cast<uint8_t>(block_[from]);
    }
    return number;
  }

 private:
  std::string_view block_;
  bool is_big_endian_;
};

/// @returns 1 to 8; 1 where the block does not say it
uint32_t orientation_in(std::string_view block) {
  const Tiff tiff(block);
  if (!tiff.is_sound()) return 1;
  const size_t directory = tiff.number(4, 4);
  const size_t entries = tiff.number(directory, 2);
  for (size_t i = 0; i < entries; ++i) {
    const size_t entry = directory + 2 + i * kEntryBytes;
    if (tiff.number(entry, 2) != kOrientation) continue;
    const uint32_t orientation = tiff.number(entry + 8, 2);
    return orientation >= 1 && orientation <= 8 ? orientation : 1;
  }
  return 1;
}

/// The content of the segment that holds Exif data; empty where none does.
std::string_view exif_block(std::string_view jpeg) {
  constexpr std::string_view kBegin("Exif\0\0", 6);
  // Segments: 0xFF, marker, two bytes of length with themselves. Pictures begin with the marker 0xDA.
  for (size_t at = 2; at + 4 <= jpeg.size() && jpeg[at] == '\xff' && jpeg[at + 1] != '\xda';) {
    const size_t length =
        static_cast<size_t>(static_cast<uint8_t>(jpeg[at + 2])) << 8U | static_cast<uint8_t>(jpeg[at + 3]);
    const std::string_view content = jpeg.substr(at + 4, length < 2 ? 0 : length - 2);
    if (jpeg[at + 1] == '\xe1' && content.starts_with(kBegin)) return content.substr(kBegin.size());
    at += 2 + length;
  }
  return {};
}

}  // namespace

Turn exif_turn(std::string_view bytes) {
  // Where the first row and the first column of the file are seen, by orientation: 6 is a camera turned to the left.
  static constexpr std::array<Turn, 8> kTurns = {{{},
                                                  {.flips_columns = true},
                                                  {.flips_rows = true, .flips_columns = true},
                                                  {.flips_rows = true},
                                                  {.swaps_sides = true},
                                                  {.swaps_sides = true, .flips_columns = true},
                                                  {.swaps_sides = true, .flips_rows = true, .flips_columns = true},
                                                  {.swaps_sides = true, .flips_rows = true}}};
  return kTurns[orientation_in(exif_block(bytes)) - 1];
}

}  // namespace weft::media
