#include "plugins/media/id_video.h"
#include "plugins/media/painted_labels.h"
#include <weft/node.h>

namespace weft::media {
namespace {

/// Label maps from a video, one a frame.
struct LabelVideo : PaintedLabels<IdVideo> {
  static constexpr auto about =
      "Label maps from a video with a lossless codec, such as FFV1: grey frames of up to 16 bits, whose values are the "
      "ids, indices, or RGB with three equal numbers; or RGB painted in the colours of a palette; other sizes are "
      "resized by nearest neighbour";

  std::optional<Out<"labels", "labels[B,1,H,W]">> run(Context& context) { return next(context); }
};

}  // namespace

void add_label_video(Registry& registry) {
  registry.add<LabelVideo>("media.label_video");
}

}  // namespace weft::media
