#include "framework/vision/resize.h"
#include "plugins/media/film.h"
#include "plugins/media/frame_image.h"
#include "plugins/media/steady_frames.h"
#include "plugins/media/tone_map.h"
#include "plugins/media/upright.h"

#include <ATen/ops/clamp.h>

namespace weft::media {
namespace {

/// The frames of a video; HDR is shown as BT.709.
class VideoFilm : public Film {
 public:
  VideoFilm(const std::string& file, const std::optional<Fraction>& rate)
      : frames_(std::make_unique<VideoInput>(file), rate) {}

  std::optional<at::Tensor> next() override {
    const AVFrame* frame = frames_.next();
    if (!frame) return {};
    const VideoInput& input = frames_.input();
    const Size wanted = input.shown_size(*frame);
    at::Tensor stored = image_of_frame(*frame, input.name());
    if (is_hdr(*frame)) stored = tone_mapped(stored, frame->color_trc, peak_of(*frame));
    const at::Tensor image = turned(stored, input.turn(*frame));
    if (wanted == Size{image.size(2), image.size(3)}) return image;
    return vision::resize(image, wanted.height, wanted.width, vision::Filter::Bicubic).clamp(-1, 1);
  }
  bool skip() override { return frames_.next() != nullptr; }
  std::optional<Fraction> rate() const override { return frames_.rate(); }

 private:
  SteadyFrames frames_;
};

}  // namespace

std::unique_ptr<Film> open_video_film(const std::string& file, const std::optional<Fraction>& rate) {
  return std::make_unique<VideoFilm>(file, rate);
}

}  // namespace weft::media
