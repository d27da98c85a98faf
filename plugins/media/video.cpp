#include "plugins/media/shown_image.h"
#include "plugins/media/video_source.h"
#include <weft/node.h>

namespace weft::media {
namespace {

/// The frames of a video.
struct Video {
  static constexpr auto about =
      "Frames of a video file: in any container and codec that libav reads, at a constant frame rate, upright and with "
      "square pixels; colour matrix, range and depth are read from the file, or guessed by size where the file does "
      "not tell them";

  VideoSource video;
  ShownImage image;

  void params(Params& p) {
    video.params(p);
    image.params(p);
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
    if (video.number() != held_) {
      const Size wanted = video.size_for(*frame);
      image_ = image.read(*frame, video.turn(*frame), wanted, video.name());
    }
    held_ = video.number();
    return image_;
  }

 private:
  int64_t held_ = -1;  ///< the number of the frame that image_ is
  at::Tensor image_;
};

}  // namespace

void add_video(Registry& registry) {
  registry.add<Video>("media.video");
}

}  // namespace weft::media
