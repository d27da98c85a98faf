#include "plugins/media/gif_picture.h"

#include <cstddef>

namespace weft::media {
namespace {

// GIF89a, sections 15 to 27.
constexpr uint8_t kExtension = 0x21, kPicture = 0x2c, kTrailer = 0x3b;
constexpr uint8_t kHasColours = 0x80;
constexpr size_t kHeader = 13, kDescriptor = 10;  // bytes

/// What is read of a packet from its beginning on.
class Bytes {
 public:
  explicit Bytes(std::span<const uint8_t> left) : left_(left) {}

  bool is_cut() const { return is_cut_; }
  bool empty() const { return left_.empty(); }
  /// The byte at `at` from here, 0 behind the end.
  uint8_t at(size_t at) const { return at < left_.size() ? left_[at] : 0; }

  void skip(size_t count) {
    is_cut_ = is_cut_ || count > left_.size();
    left_ = count > left_.size() ? std::span<const uint8_t>() : left_.subspan(count);
  }
  /// A table of 2 to 256 colours, if the flags before it say that there is one.
  void skip_colours(uint8_t flags) {
    if ((flags & kHasColours) != 0) skip(size_t{3} << ((flags & 7U) + 1));
  }
  /// Blocks of up to 255 bytes, the last of which is empty.
  void skip_blocks() {
    uint8_t length = 0;
    do {
      is_cut_ = is_cut_ || left_.empty();
      length = at(0);
      skip(length + size_t{1});
    } while (length > 0 && !is_cut_);
  }

 private:
  std::span<const uint8_t> left_;
  bool is_cut_ = false;
};

}  // namespace

bool is_cut_gif_picture(std::span<const uint8_t> packet) {
  Bytes bytes(packet);
  if (bytes.at(0) == 'G' && bytes.at(1) == 'I' && bytes.at(2) == 'F') {
    const uint8_t flags = bytes.at(10);
    bytes.skip(kHeader);
    bytes.skip_colours(flags);
  }
  while (!bytes.empty() && !bytes.is_cut()) {
    switch (bytes.at(0)) {
      case kExtension:
        bytes.skip(2);
        bytes.skip_blocks();
        break;
      case kPicture: {
        const uint8_t flags = bytes.at(kDescriptor - 1);
        bytes.skip(kDescriptor);
        bytes.skip_colours(flags);
        bytes.skip(1);  // the size of codes
        bytes.skip_blocks();
        return bytes.is_cut();
      }
      case kTrailer:
        return false;
      default:
        bytes.skip(1);  // an empty block
    }
  }
  return bytes.is_cut();
}

}  // namespace weft::media
