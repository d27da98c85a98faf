#include "framework/base/error.h"
#include "framework/base/text.h"
#include <weft/node.h>

#include <ATen/ops/roll.h>

namespace weft::vid2vid {
namespace {

/// The frames that NVIDIA's program takes for those before the synthesised ones in its loss G_Warp.
///
///   before(i) = image(i - 1) within a chunk, before(0) = image(last of the chunk)
///
/// The program means the last frame of the previous chunk, but its list of frames already contains the current chunk.
struct FramesBefore {
  static constexpr auto about =
      "Previous frames within a chunk: as vid2vid's program takes them, for fold = \"chunk\"; each frame gets the one "
      "before it in the chunk, and the first frame gets the chunk's last; gradients stop here";
  static constexpr bool stops_gradients = true;

  int64_t batch = 1;

  void params(Params& p) { p("batch", batch, "number of clips in the batch: `$run.batch`").min(1); }

  Out<"before", "image[B,3,H,W]"> run(In<"in", "image[B,3,H,W]"> in) {
    if (in->size(0) % batch != 0) {
      throw Error(Exit::Graph, text("`batch` is ", batch, ", but ", in->size(0), " frames are not a multiple of it"))
          .hint("batch = \"$run.batch\"");
    }
    return at::roll(in->detach(), batch, 0);  // [T*B, 3, H, W], times one after the other
  }
};

}  // namespace

void add_frames_before(Registry& registry) {
  registry.add<FramesBefore>("vid2vid.frames_before");
}

}  // namespace weft::vid2vid
