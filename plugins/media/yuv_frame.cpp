#include "plugins/media/yuv_frame.h"

#include <algorithm>
#include <new>

namespace weft::media {
namespace {

Libav<SwsContext> make_scaler(Size size) {
  Libav<SwsContext> scaler(sws_alloc_context());
  if (!scaler) throw std::bad_alloc();
  const auto set = [&](const char* name, int64_t value) { av_opt_set_int(scaler.get(), name, value, 0); };
  set("srcw", size.width);
  set("srch", size.height);
  set("dstw", size.width);
  set("dsth", size.height);
  set("src_format", AV_PIX_FMT_RGB24);
  set("dst_format", AV_PIX_FMT_YUV420P);
  set("sws_flags", SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP);
  // In 1/256 of a pixel: chroma lies on the left one of two columns and between two rows, as H.264 has it by
  // default.
  set("dst_h_chr_pos", 0);
  set("dst_v_chr_pos", 128);
  const int* bt709 = sws_getCoefficients(SWS_CS_ITU709);
  const int full_range = 1, limited_range = 0, unchanged = 1 << 16;
  sws_setColorspaceDetails(scaler.get(), bt709, full_range, bt709, limited_range, 0, unchanged, unchanged);
  if (sws_init_context(scaler.get(), nullptr, nullptr) < 0) throw std::bad_alloc();
  return scaler;
}

}  // namespace

YuvFrame::YuvFrame(Size size) : own_size_(size) {
  const Size even = {size.height + size.height % 2, size.width + size.width % 2};
  frame_ = make_frame(even, AV_PIX_FMT_YUV420P);
  frame_->colorspace = AVCOL_SPC_BT709;
  frame_->color_primaries = AVCOL_PRI_BT709;
  frame_->color_trc = AVCOL_TRC_BT709;
  frame_->color_range = AVCOL_RANGE_MPEG;
  frame_->chroma_location = AVCHROMA_LOC_LEFT;
  if (!(even == size)) padded_ = make_frame(even, AV_PIX_FMT_RGB24);
  scaler_ = make_scaler(even);
}

void YuvFrame::set(const uint8_t* rgb) {
  // The encoder may still hold the planes of the frame before.
  if (av_frame_make_writable(frame_.get()) != 0) throw std::bad_alloc();
  const uint8_t* source[] = {rgb};
  int row_bytes[] = {static_cast<int>(own_size_.width * 3)};
  if (padded_) {
    pad(rgb);
    source[0] = padded_->data[0];
    row_bytes[0] = padded_->linesize[0];
  }
  sws_scale(scaler_.get(), source, row_bytes, 0, frame_->height, frame_->data, frame_->linesize);
}

void YuvFrame::pad(const uint8_t* rgb) {
  const int64_t row_bytes = own_size_.width * 3;
  for (int64_t y = 0; y < padded_->height; ++y) {
    const uint8_t* row = rgb + std::min(y, own_size_.height - 1) * row_bytes;
    uint8_t* to = padded_->data[0] + y * padded_->linesize[0];
    std::copy_n(row, row_bytes, to);
    if (padded_->width > own_size_.width) std::copy_n(row + row_bytes - 3, 3, to + row_bytes);
  }
}

}  // namespace weft::media
