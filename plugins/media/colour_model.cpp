#include "plugins/media/colour_model.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <cmath>

namespace weft::media {
namespace {

/// The weights of red and blue in the luma of a matrix.
struct Weights {
  double red = 0, blue = 0;
};

bool is_jpeg_format(int format) {
  return format == AV_PIX_FMT_YUVJ420P || format == AV_PIX_FMT_YUVJ422P || format == AV_PIX_FMT_YUVJ444P ||
         format == AV_PIX_FMT_YUVJ440P || format == AV_PIX_FMT_YUVJ411P;
}

AVColorSpace matrix_of(const AVFrame& frame) {
  const bool is_tagged = frame.colorspace != AVCOL_SPC_UNSPECIFIED && frame.colorspace != AVCOL_SPC_RGB &&
                         frame.colorspace != AVCOL_SPC_RESERVED && av_color_space_name(frame.colorspace);
  if (is_tagged) return frame.colorspace;
  if (is_jpeg_format(frame.format)) return AVCOL_SPC_SMPTE170M;
  return frame.width >= 1280 || frame.height > 576 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
}

bool has_full_range(const AVFrame& frame, bool is_rgb, bool is_grey) {
  if (is_jpeg_format(frame.format) || frame.color_range == AVCOL_RANGE_JPEG) return true;
  if (frame.color_range == AVCOL_RANGE_MPEG) return false;
  return is_rgb || is_grey;
}

Weights weights_of(AVColorSpace matrix, const std::string& name) {
  switch (matrix) {
    case AVCOL_SPC_BT709:
      return {0.2126, 0.0722};
    case AVCOL_SPC_FCC:
      return {0.30, 0.11};
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
      return {0.299, 0.114};
    case AVCOL_SPC_SMPTE240M:
      return {0.212, 0.087};
    case AVCOL_SPC_BT2020_NCL:
      return {0.2627, 0.0593};
    default: {
      const char* called = av_color_space_name(matrix);
      throw Error(Exit::Data, text(name, " has the colour space ", called ? called : "unknown",
                                   ", which no matrix converts to RGB"))
          .hint("convert it first: ffmpeg -i FILE -vf colorspace=bt709 …");
    }
  }
}

}  // namespace

ColourModel colour_model(const AVFrame& frame, const std::string& name) {
  const AVPixFmtDescriptor& format = *av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  ColourModel model;
  model.is_rgb = (format.flags & (AV_PIX_FMT_FLAG_RGB | AV_PIX_FMT_FLAG_PAL)) != 0;
  model.is_grey = !model.is_rgb && format.nb_components < 3;
  model.depth = (format.flags & AV_PIX_FMT_FLAG_PAL) != 0 ? 8 : format.comp[0].depth;
  const double step = std::ldexp(1.0, model.depth - 8), most = std::ldexp(1.0, model.depth) - 1;
  const bool is_full = has_full_range(frame, model.is_rgb, model.is_grey);
  const double luma_range = is_full ? most : 219 * step, chroma_range = is_full ? most : 224 * step;
  model.scale = static_cast<float>(2 / luma_range);
  model.offset = static_cast<float>(-1 - (is_full ? 0 : 2 * 16 * step / luma_range));
  if (model.is_rgb || model.is_grey) return model;
  model.middle = static_cast<float>(128 * step);
  const AVColorSpace matrix = matrix_of(frame);
  std::array<double, 3> u{}, v{};
  if (matrix == AVCOL_SPC_YCGCO) {
    u = {-1, 1, -1};
    v = {1, 0, -1};
  } else {
    const Weights weights = weights_of(matrix, name);
    const double green = 1 - weights.red - weights.blue;
    u = {0, -2 * weights.blue * (1 - weights.blue) / green, 2 * (1 - weights.blue)};
    v = {2 * (1 - weights.red), -2 * weights.red * (1 - weights.red) / green, 0};
  }
  for (size_t i = 0; i < 3; ++i) {
    model.u[i] = static_cast<float>(2 * u[i] / chroma_range);
    model.v[i] = static_cast<float>(2 * v[i] / chroma_range);
  }
  return model;
}

}  // namespace weft::media
