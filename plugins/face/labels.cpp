#include "plugins/face/frame_sizes.h"
#include "plugins/face/landmarks.h"
#include "plugins/face/parts.h"
#include <weft/node.h>

#include <ATen/ops/stack.h>

namespace weft::face {
namespace {

/// The parts of a face as a label map.
///
/// Source: Wang et al. 2018, program; docs/papers/vid2vid.md.
struct Labels {
  static constexpr auto about =
      "Label map of a face from its landmarks: 1 skin with forehead, 2 brows, 3 nose, 4 eyes, 5 mouth, 6 inside of the "
      "mouth, 0 elsewhere; painted over the whole frame, then cropped to the window and resized by nearest neighbour";
  static constexpr bool on_host = true;

  FrameSizes sizes;

  void params(Params& p) { sizes.params(p); }
  void shape(Shapes& shapes) const { sizes.shape(shapes); }

  Out<"labels", "labels[B,1,Y,X]"> run(In<"keypoints", "keypoints[B,68,3]"> keypoints,
                                       Opt<"image", "image[B,3,H,W]"> image, Opt<"window", "keypoints[B,2,3]"> window) {
    std::vector<at::Tensor> maps;
    for (int64_t b = 0; b < keypoints->size(0); ++b) {
      const auto [height, width] = sizes.frame(sample_of(image, b));
      const at::Tensor map = draw_labels(with_forehead(landmarks_of(keypoints->select(0, b))), height, width);
      maps.push_back(sizes.fit(map, sample_of(window, b), Outside::Zero, vision::Filter::Nearest));
    }
    return at::stack(maps).unsqueeze_(1).to(at::kLong);
  }
};

}  // namespace

void add_labels(Registry& registry) {
  registry.add<Labels>("face.labels");
}

}  // namespace weft::face
