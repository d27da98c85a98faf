#include "plugins/media/frame_image.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "plugins/media/colour_model.h"
#include "plugins/media/frame_rows.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <future>
#include <new>
#include <thread>
#include <vector>

namespace weft::media {
namespace {

/// Three rows of one width.
class ColourRow {
 public:
  /// One more number on each side, for reads beyond the border.
  explicit ColourRow(int64_t width) : stride_(width + 2), numbers_(static_cast<size_t>(3 * stride_)) {}
  float* operator[](int64_t colour) { return numbers_.data() + colour * stride_ + 1; }

 private:
  int64_t stride_;
  std::vector<float> numbers_;
};

float clipped(float value) {
  return std::min(std::max(value, -1.0F), 1.0F);
}

/// Where chroma lies in a group of `factor` pixels along one axis: at the first one, in the middle or at the last.
enum class Siting { First, Middle, Last };

struct Sitings {
  Siting x = Siting::First, y = Siting::Middle;
};

Sitings sitings_of(const AVFrame& frame) {
  switch (frame.chroma_location) {
    case AVCHROMA_LOC_LEFT:
      return {Siting::First, Siting::Middle};
    case AVCHROMA_LOC_CENTER:
      return {Siting::Middle, Siting::Middle};
    case AVCHROMA_LOC_TOPLEFT:
      return {Siting::First, Siting::First};
    case AVCHROMA_LOC_TOP:
      return {Siting::Middle, Siting::First};
    case AVCHROMA_LOC_BOTTOMLEFT:
      return {Siting::First, Siting::Last};
    case AVCHROMA_LOC_BOTTOM:
      return {Siting::Middle, Siting::Last};
    default:
      return frame.color_range == AVCOL_RANGE_JPEG ? Sitings{Siting::Middle, Siting::Middle} : Sitings{};
  }
}

/// Where a pixel reads chroma: between `below` and the next one.
struct Position {
  int64_t below = 0;
  float share = 0;  ///< of the next one
};

Position position_of(int64_t pixel, int64_t factor, Siting siting) {
  const double shift = siting == Siting::First ? 0 : siting == Siting::Last ? factor - 1 : (factor - 1) / 2.0;
  const double at = (static_cast<double>(pixel) - shift) / static_cast<double>(factor);
  const double below = std::floor(at);
  return {static_cast<int64_t>(below), static_cast<float>(at - below)};
}

/// Spreads a row of chroma over the pixels of a row.
/// @param from  [-1, width / factor], with the border repeated
void spread(const float* from, int64_t factor, Siting siting, int64_t width, float* to) {
  if (factor == 1) {
    std::copy_n(from, width, to);
    return;
  }
  if (factor == 2) {
    const Position even = position_of(0, 2, siting), odd = position_of(1, 2, siting);
    const float *left = from + even.below, *right = from + odd.below;
    for (int64_t i = 0; i < width / 2; ++i) {
      to[2 * i] = left[i] + even.share * (left[i + 1] - left[i]);
      to[2 * i + 1] = right[i] + odd.share * (right[i + 1] - right[i]);
    }
    if (width % 2 == 1) to[width - 1] = left[width / 2] + even.share * (left[width / 2 + 1] - left[width / 2]);
    return;
  }
  for (int64_t x = 0; x < width; ++x) {
    const Position at = position_of(x, factor, siting);
    to[x] = from[at.below] + at.share * (from[at.below + 1] - from[at.below]);
  }
}

/// Converts YCbCr. Each row of chroma is turned into what it adds to red, green and blue and spread once, and two
/// such rows are mixed for each row of pixels.
class Converter {
 public:
  Converter(const AVFrame& frame, const ColourModel& model)
      : rows_(frame),
        model_(model),
        format_(*av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format))),
        sitings_(sitings_of(frame)),
        height_(frame.height),
        width_(frame.width),
        factor_x_(int64_t{1} << format_.log2_chroma_w),
        factor_y_(int64_t{1} << format_.log2_chroma_h),
        chroma_height_((height_ + factor_y_ - 1) / factor_y_),
        chroma_width_((width_ + factor_x_ - 1) / factor_x_),
        luma_(static_cast<size_t>(width_)),
        u_(static_cast<size_t>(chroma_width_)),
        v_(static_cast<size_t>(chroma_width_)),
        narrow_(chroma_width_),
        spread_{ColourRow(width_), ColourRow(width_)} {}

  /// Converts the rows from `first` to the one before `end`.
  /// @param image  [3, H, W]
  void convert(int64_t first, int64_t end, float* image) {
    for (int64_t y = first; y < end; ++y) {
      const Position at = position_of(y, factor_y_, sitings_.y);
      ColourRow& above = chroma(std::clamp<int64_t>(at.below, 0, chroma_height_ - 1));
      ColourRow& below = chroma(std::clamp<int64_t>(at.below + 1, 0, chroma_height_ - 1));
      rows_.read(0, y, width_, luma_.data());
      for (int64_t colour = 0; colour < 3; ++colour) {
        mix(above[colour], below[colour], at.share, image + (colour * height_ + y) * width_);
      }
    }
  }

 private:
  /// What row `y` of chroma adds to the colours, spread to the width of the image; rows are asked for in order.
  ColourRow& chroma(int64_t y) {
    const size_t place = static_cast<size_t>(y % 2);
    if (held_[place] == y) return spread_[place];
    held_[place] = y;
    rows_.read(1, y, chroma_width_, u_.data());
    rows_.read(2, y, chroma_width_, v_.data());
    for (size_t colour = 0; colour < 3; ++colour) {
      float* row = narrow_[static_cast<int64_t>(colour)];
      const float of_u = model_.u[colour], of_v = model_.v[colour], middle = model_.middle;
      for (int64_t x = 0; x < chroma_width_; ++x) {
        row[x] = of_u * (u_[static_cast<size_t>(x)] - middle) + of_v * (v_[static_cast<size_t>(x)] - middle);
      }
      row[-1] = row[0];
      row[chroma_width_] = row[chroma_width_ - 1];
      spread(row, factor_x_, sitings_.x, width_, spread_[place][static_cast<int64_t>(colour)]);
    }
    return spread_[place];
  }

  void mix(const float* above, const float* below, float share, float* to) const {
    const float* luma = luma_.data();
    const float scale = model_.scale, offset = model_.offset;
    for (int64_t x = 0; x < width_; ++x) {
      to[x] = clipped(scale * luma[x] + offset + (above[x] + share * (below[x] - above[x])));
    }
  }

  FrameRows rows_;
  const ColourModel& model_;
  const AVPixFmtDescriptor& format_;
  Sitings sitings_;
  int64_t height_, width_, factor_x_, factor_y_, chroma_height_, chroma_width_;
  std::vector<float> luma_, u_, v_;
  ColourRow narrow_;
  std::array<ColourRow, 2> spread_;
  std::array<int64_t, 2> held_{-1, -1};
};

/// Converts large frames in a few threads at once, so that decoding has not to wait for it.
void convert_ycbcr(const AVFrame& frame, const ColourModel& model, float* image) {
  constexpr int64_t kPixelsOfThread = 400'000, kMostThreads = 4;
  const int64_t height = frame.height;
  const int64_t worth = std::max<int64_t>(height * frame.width / kPixelsOfThread, 1);
  const int64_t threads = std::min({worth, kMostThreads, std::max<int64_t>(std::thread::hardware_concurrency(), 1)});
  std::vector<std::future<void>> others;
  for (int64_t i = 1; i < threads; ++i) {
    others.push_back(std::async(std::launch::async, [&frame, &model, image, height, threads, i] {
      Converter(frame, model).convert(height * i / threads, height * (i + 1) / threads, image);
    }));
  }
  Converter(frame, model).convert(0, height / threads, image);
  for (std::future<void>& other : others) other.get();
}

void convert_rgb(const AVFrame& frame, const ColourModel& model, float* image) {
  FrameRows rows(frame);
  rows.look_up_colours();
  const int64_t height = frame.height, width = frame.width;
  const AVPixFmtDescriptor& format = *av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  const bool is_full = model.offset == -1.0F;
  for (int64_t colour = 0; colour < (model.is_grey ? 1 : 3); ++colour) {
    // Green may have a bit more than the others.
    const bool is_palette = (format.flags & AV_PIX_FMT_FLAG_PAL) != 0;
    const float most = std::ldexp(1.0F, is_palette ? 8 : format.comp[colour].depth) - 1.0F;
    for (int64_t y = 0; y < height; ++y) {
      float* row = image + (colour * height + y) * width;
      rows.read(static_cast<int>(colour), y, width, row);
      // In full range by the formula of image_of_bytes, so that bytes give the same floats.
      for (int64_t x = 0; x < width; ++x) {
        row[x] = is_full ? (row[x] / most - 0.5F) / 0.5F : clipped(model.scale * row[x] + model.offset);
      }
    }
  }
  if (!model.is_grey) return;
  std::copy_n(image, height * width, image + height * width);
  std::copy_n(image, height * width, image + 2 * height * width);
}

/// The frame in a format whose rows can be read.
Libav<AVFrame> converted(const AVFrame& frame, const std::string& name) {
  Libav<AVFrame> rgb(av_frame_alloc());
  if (!rgb) throw std::bad_alloc();
  rgb->format = AV_PIX_FMT_GBRP16LE;
  rgb->height = frame.height;
  rgb->width = frame.width;
  rgb->color_range = AVCOL_RANGE_JPEG;
  if (av_frame_get_buffer(rgb.get(), 0) != 0) throw std::bad_alloc();
  const Libav<SwsContext> scaler(sws_getContext(
      frame.width, frame.height, static_cast<AVPixelFormat>(frame.format), rgb->width, rgb->height, AV_PIX_FMT_GBRP16LE,
      SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, nullptr, nullptr, nullptr));
  if (!scaler) {
    const char* format = av_get_pix_fmt_name(static_cast<AVPixelFormat>(frame.format));
    throw Error(Exit::Data, text(name, " is stored as ", format ? format : "an unknown format",
                                 ", which cannot be converted to RGB"));
  }
  sws_scale(scaler.get(), frame.data, frame.linesize, 0, frame.height, rgb->data, rgb->linesize);
  return rgb;
}

}  // namespace

at::Tensor image_of_frame(const AVFrame& frame, const std::string& name) {
  if (!has_readable_rows(static_cast<AVPixelFormat>(frame.format)))
    return image_of_frame(*converted(frame, name), name);
  const ColourModel model = colour_model(frame, name);
  at::Tensor image = at::empty({1, 3, frame.height, frame.width}, at::kFloat);
  float* numbers = image.mutable_data_ptr<float>();
  model.is_rgb || model.is_grey ? convert_rgb(frame, model, numbers) : convert_ycbcr(frame, model, numbers);
  return image;
}

at::Tensor ids_of_frame(const AVFrame& frame, const std::string& name) {
  const AVPixFmtDescriptor& format = *av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format));
  const bool is_palette = (format.flags & AV_PIX_FMT_FLAG_PAL) != 0;
  const bool is_rgb = !is_palette && (format.flags & AV_PIX_FMT_FLAG_RGB) != 0;
  const bool is_grey = !is_palette && format.nb_components == 1 && (format.flags & AV_PIX_FMT_FLAG_FLOAT) == 0;
  if (!is_palette && !is_rgb && !is_grey) {
    throw Error(Exit::Data, text(name, " holds colours (", format.name, "), but ids are one number a pixel"))
        .hint("write grey frames: ffmpeg -i %06d.png -c:v ffv1 -pix_fmt gray FILE.mkv");
  }
  FrameRows rows(frame);
  const int64_t height = frame.height, width = frame.width;
  at::Tensor ids = at::empty({height, width}, at::kLong);
  int64_t* to = ids.mutable_data_ptr<int64_t>();
  std::array<std::vector<uint16_t>, 3> row;
  for (auto& component : row) component.resize(static_cast<size_t>(width));
  for (int64_t y = 0; y < height; ++y, to += width) {
    for (int component = 0; component < (is_rgb ? 3 : 1); ++component)
      rows.read(component, y, width, row[static_cast<size_t>(component)].data());
    if (is_rgb && (row[0] != row[1] || row[0] != row[2])) {
      throw Error(Exit::Data, text(name, " holds colours (", format.name, "), but ids are one number a pixel"))
          .hint("give the ids as grey frames, not as the colours of the classes");
    }
    std::copy_n(row[0].begin(), width, to);
  }
  return ids;
}

}  // namespace weft::media
