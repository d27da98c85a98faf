#include "plugins/media/id_video.h"
#include <weft/node.h>

namespace weft::media {
namespace {

/// Instance maps from a video, one a frame.
struct InstanceVideo : IdVideo {
  static constexpr auto about =
      "Instance maps from a video with a lossless codec, such as FFV1: grey frames of up to 16 bits, whose values are "
      "the ids, palette indices, or RGB with three equal numbers; other sizes are resized by nearest neighbour";

  std::optional<Out<"instances", "instances[B,1,H,W]">> run(Context& context) { return next(context); }
};

}  // namespace

void add_instance_video(Registry& registry) {
  registry.add<InstanceVideo>("media.instance_video");
}

}  // namespace weft::media
