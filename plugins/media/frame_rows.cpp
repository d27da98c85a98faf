#include "plugins/media/frame_rows.h"

#include <bit>

namespace weft::media {
namespace {

/// Whether numbers follow each other without gaps and bits to be moved.
bool is_plain(const AVPixFmtDescriptor& format, const AVComponentDescriptor& component, int bytes) {
  const uint64_t other = AV_PIX_FMT_FLAG_BE | AV_PIX_FMT_FLAG_PAL | AV_PIX_FMT_FLAG_BITSTREAM;
  return (format.flags & other) == 0 && component.step == bytes && component.shift == 0 &&
         (bytes == 1 ? component.depth == 8 : component.depth > 8);
}

template <typename Number>
void copy(const uint8_t* from, int64_t width, float* to) {
  const Number* numbers = reinterpret_cast<const Number*>(from);
  for (int64_t x = 0; x < width; ++x) to[x] = static_cast<float>(numbers[x]);
}

}  // namespace

bool has_readable_rows(AVPixelFormat format) {
  const AVPixFmtDescriptor* found = av_pix_fmt_desc_get(format);
  const uint64_t other = AV_PIX_FMT_FLAG_HWACCEL | AV_PIX_FMT_FLAG_BAYER | AV_PIX_FMT_FLAG_FLOAT;
  if (!found || (found->flags & other) != 0 || found->comp[0].depth > 16) return false;
  // In monowhite, white is 0; XYZ is no RGB, though it looks like it.
  return format != AV_PIX_FMT_MONOWHITE && format != AV_PIX_FMT_XYZ12LE && format != AV_PIX_FMT_XYZ12BE;
}

FrameRows::FrameRows(const AVFrame& frame)
    : frame_(frame), format_(*av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format))) {
  static_assert(std::endian::native == std::endian::little, "numbers of 16 bits are read as they lie");
}

void FrameRows::read(int component, int64_t y, int64_t width, float* to) {
  const AVComponentDescriptor& lies = format_.comp[component];
  const uint8_t* row = frame_.data[lies.plane] + y * frame_.linesize[lies.plane] + lies.offset;
  if (is_plain(format_, lies, 1)) return copy<uint8_t>(row, width, to);
  if (is_plain(format_, lies, 2)) return copy<uint16_t>(row, width, to);
  row_.resize(static_cast<size_t>(width));
  read(component, y, width, row_.data());
  copy<uint16_t>(reinterpret_cast<const uint8_t*>(row_.data()), width, to);
}

void FrameRows::read(int component, int64_t y, int64_t width, uint16_t* to) {
  const uint8_t* planes[4] = {frame_.data[0], frame_.data[1], frame_.data[2], frame_.data[3]};
  // A palette's entry is a number whose bytes are blue, green, red, alpha.
  const bool is_looked_up = looks_up_ && (format_.flags & AV_PIX_FMT_FLAG_PAL) != 0;
  const int read_component = is_looked_up ? 2 - component : component;
  av_read_image_line2(to, planes, frame_.linesize, &format_, 0, static_cast<int>(y), read_component,
                      static_cast<int>(width), is_looked_up ? 1 : 0, sizeof(uint16_t));
}

}  // namespace weft::media
