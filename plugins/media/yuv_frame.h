#pragma once

#include "plugins/media/encoder_frame.h"

#include <cstdint>

namespace weft::media {

/// A frame in the form that video encoders need, from RGB bytes.
///
/// YCbCr by BT.709 in limited range, 4:2:0 with the chroma samples at the left, and tagged so. 4:2:0 wants
/// even sides: where one is odd, the last row or column is repeated once.
class YuvFrame final : public EncoderFrame {
 public:
  explicit YuvFrame(Size size);

  /// The size with even sides.
  Size size() const { return {frame_->height, frame_->width}; }

  void set(const uint8_t* rgb) override;
  AVFrame* get() override { return frame_.get(); }

 private:
  void pad(const uint8_t* rgb);

  Size own_size_;
  Libav<AVFrame> frame_;
  Libav<AVFrame> padded_;  ///< RGB in even size
  Libav<SwsContext> scaler_;
};

}  // namespace weft::media
