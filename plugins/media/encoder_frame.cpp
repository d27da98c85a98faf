#include "plugins/media/encoder_frame.h"

#include "plugins/media/palette.h"

#include <algorithm>
#include <new>

namespace weft::media {
namespace {

/// The encoder may still hold the planes of the frame before.
void make_writable(AVFrame* frame) {
  if (av_frame_make_writable(frame) != 0) throw std::bad_alloc();
}

}  // namespace

Libav<AVFrame> make_frame(Size size, AVPixelFormat format) {
  Libav<AVFrame> frame(av_frame_alloc());
  if (!frame) throw std::bad_alloc();
  frame->format = format;
  frame->height = static_cast<int>(size.height);
  frame->width = static_cast<int>(size.width);
  if (av_frame_get_buffer(frame.get(), 0) != 0) throw std::bad_alloc();
  return frame;
}

RgbFrame::RgbFrame(Size size) : frame_(make_frame(size, AV_PIX_FMT_0RGB32)) {
  frame_->colorspace = AVCOL_SPC_RGB;
  frame_->color_primaries = AVCOL_PRI_BT709;
  frame_->color_trc = AVCOL_TRC_IEC61966_2_1;
  frame_->color_range = AVCOL_RANGE_JPEG;
}

void RgbFrame::set(const uint8_t* rgb) {
  make_writable(frame_.get());
  for (int y = 0; y < frame_->height; ++y) {
    uint32_t* to = reinterpret_cast<uint32_t*>(frame_->data[0] + y * frame_->linesize[0]);
    for (int x = 0; x < frame_->width; ++x, rgb += 3) {
      to[x] = static_cast<uint32_t>(rgb[0]) << 16 | static_cast<uint32_t>(rgb[1]) << 8 | rgb[2];
    }
  }
}

PaletteFrame::PaletteFrame(Size size) : frame_(make_frame(size, AV_PIX_FMT_PAL8)) {
  frame_->colorspace = AVCOL_SPC_RGB;
  frame_->color_range = AVCOL_RANGE_JPEG;
}

void PaletteFrame::set(const uint8_t* rgb) {
  make_writable(frame_.get());
  const Size size = {frame_->height, frame_->width};
  const Palette palette(rgb, size.height * size.width);
  // An entry is a number whose bytes, from the highest, are alpha, red, green, blue.
  uint32_t* entries = reinterpret_cast<uint32_t*>(frame_->data[1]);
  std::fill_n(entries, 256, 0xFF000000U);
  for (size_t i = 0; i < palette.colours().size(); ++i) {
    const auto& [red, green, blue] = palette.colours()[i];
    entries[i] = 0xFF000000U | static_cast<uint32_t>(red) << 16 | static_cast<uint32_t>(green) << 8 | blue;
  }
  palette.dither(rgb, size, frame_->data[0], frame_->linesize[0]);
}

}  // namespace weft::media
