#pragma once

#include "plugins/media/libav.h"
#include "plugins/media/load_size.h"

#include <cstdint>
#include <memory>

namespace weft::media {

/// A frame in the form that an encoder needs, from RGB bytes.
class EncoderFrame {
 public:
  virtual ~EncoderFrame() = default;

  /// Takes the pixels of a picture.
  /// @param rgb  [H, W, 3], rows without gaps
  virtual void set(const uint8_t* rgb) = 0;
  /// With its format, its size and the tags of its colours.
  virtual AVFrame* get() = 0;
};

/// A frame with room for its pixels.
Libav<AVFrame> make_frame(Size size, AVPixelFormat format);

/// Red, green and blue as they are, for codecs that keep them.
class RgbFrame final : public EncoderFrame {
 public:
  explicit RgbFrame(Size size);
  void set(const uint8_t* rgb) override;
  AVFrame* get() override { return frame_.get(); }

 private:
  Libav<AVFrame> frame_;
};

/// At most 256 colours, chosen for each frame and dithered in a fixed pattern, for GIF.
class PaletteFrame final : public EncoderFrame {
 public:
  explicit PaletteFrame(Size size);
  void set(const uint8_t* rgb) override;
  AVFrame* get() override { return frame_.get(); }

 private:
  Libav<AVFrame> frame_;
};

}  // namespace weft::media
