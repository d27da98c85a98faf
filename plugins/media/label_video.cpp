#include "plugins/media/id_video.h"
#include <weft/node.h>

namespace weft::media {
namespace {

/// Label maps from a video, one a frame.
struct LabelVideo : IdVideo {
  static constexpr auto about =
      "Label maps from a video with a lossless codec, such as FFV1: grey frames of up to 16 bits, whose values are the "
      "ids, indices, or RGB with three equal numbers; or RGB painted in the colours of a palette; other sizes are "
      "resized by nearest neighbour";

  data::PaletteParams palette_params;

  void params(Params& p) {
    IdVideo::params(p);
    palette_params.params(p, "labels are painted in the colours of classes:");
  }
  std::optional<std::string> next_sequence(Context& context) {
    if (!palette) palette = palette_params.read();
    return IdVideo::next_sequence(context);
  }

  std::optional<Out<"labels", "labels[B,1,H,W]">> run(Context& context) { return next(context); }
};

}  // namespace

void add_label_video(Registry& registry) {
  registry.add<LabelVideo>("media.label_video");
}

}  // namespace weft::media
