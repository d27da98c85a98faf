#include "framework/vision/resize.h"
#include "plugins/media/frame_image.h"
#include "plugins/media/tone_map.h"
#include "plugins/media/video_source.h"
#include <weft/node.h>

#include <ATen/ops/clamp.h>

namespace weft::media {
namespace {

/// What becomes of frames in PQ or HLG.
enum class Hdr { ToneMap, AsCoded };

/// The frames of a video.
struct Video {
  static constexpr auto about =
      "Frames of a video file: in any container and codec that libav reads, at a constant frame rate, upright and with "
      "square pixels; colour matrix, range and depth are read from the file, or guessed by size where the file does "
      "not tell them";

  VideoSource video;
  vision::Filter filter = vision::Filter::Bicubic;
  Hdr hdr = Hdr::ToneMap;

  void params(Params& p) {
    video.params(p);
    p("filter", filter, "interpolation for other sizes",
      {{"bicubic", vision::Filter::Bicubic},
       {"bilinear", vision::Filter::Bilinear},
       {"nearest", vision::Filter::Nearest}});
    p("hdr", hdr,
      "HDR videos (PQ, HLG) are converted to BT.709 as displays show them, or their numbers are left as coded",
      {{"tone_map", Hdr::ToneMap}, {"as_coded", Hdr::AsCoded}});
  }
  void shape(Shapes& shapes) const { video.shape(shapes); }
  std::vector<std::string> sequences() { return video.sequences(); }
  std::optional<std::string> next_sequence(Context&) {
    held_ = -1;
    return video.open();
  }
  bool skip_sequence() { return video.skip_sequence(); }
  bool skip() { return video.skip(); }
  std::optional<Recording> recording() { return video.recording(); }

  std::optional<Out<"image", "image[B,3,H,W]">> run(Context& context) {
    const AVFrame* frame = video.next(context);
    if (!frame) return {};
    if (video.number() != held_) image_ = read(*frame);
    held_ = video.number();
    return image_;
  }

 private:
  at::Tensor read(const AVFrame& frame) {
    const Size wanted = video.size_for(frame);
    at::Tensor stored = image_of_frame(frame, video.name());
    if (hdr == Hdr::ToneMap && is_hdr(frame)) stored = tone_mapped(stored, frame.color_trc, peak_of(frame));
    const at::Tensor image = turned(stored, video.turn(frame));  // [1, 3, H, W]
    if (wanted == Size{image.size(2), image.size(3)}) return image;
    return vision::resize(image, wanted.height, wanted.width, filter).clamp(-1, 1);
  }

  int64_t held_ = -1;  ///< the number of the frame that image_ is
  at::Tensor image_;
};

}  // namespace

void add_video(Registry& registry) {
  registry.add<Video>("media.video");
}

}  // namespace weft::media
