#include "plugins/face/canny.h"
#include "plugins/face/frame_sizes.h"
#include "plugins/face/landmarks.h"
#include "plugins/face/parts.h"
#include "plugins/face/pixels.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/stack.h>

namespace weft::face {
namespace {

/// A face as edges, and how far each pixel is from each of them: the input of a face network.
///
/// Edges of the background come from the frame itself. Where they meet an edge of the face the sum of both
/// wraps around to 254, as in the original. Maps are in [0, 1].
///
/// Source: Wang et al. 2018, program; docs/papers/vid2vid.md.
struct Draw {
  static constexpr auto about =
      "Edge map of a face from its landmarks, as conditions for a network: one channel of edges (with the edges of the "
      "background where `image` is wired) and 14 distance maps, one for each part, all in [0, 1]; drawn over the whole "
      "frame, then cropped to the window and resized";
  static constexpr bool on_host = true;

  FrameSizes sizes;
  bool distance_maps = true;
  bool background_edges = true;
  bool scale_face = false;

  void params(Params& p) {
    sizes.params(p);
    p("distance_maps", distance_maps, "adds the distance maps: 15 channels instead of 1");
    p("background_edges", background_edges, "adds the edges that `image` has outside of the face");
    p("scale_face", scale_face,
      "changes the face by fixed ratios (brows and eyes closer together, narrower face, nose and mouth, taller eyes), "
      "to use the landmarks of another person; random_scale_points of the original program");
  }

  void shape(Shapes& shapes) const {
    sizes.shape(shapes);
    shapes.set('C', Dim(distance_maps ? 1 + kEdges : 1));
  }

  Out<"conditions", "conditions[B,C,Y,X]"> run(In<"keypoints", "keypoints[B,68,3]"> keypoints,
                                               Opt<"image", "image[B,3,H,W]"> image,
                                               Opt<"window", "keypoints[B,2,3]"> window) {
    std::vector<at::Tensor> maps;
    for (int64_t b = 0; b < keypoints->size(0); ++b) {
      maps.push_back(draw(landmarks_of(keypoints->select(0, b)), sample_of(image, b), sample_of(window, b)));
    }
    return at::stack(maps);
  }

 private:
  /// [C, Y, X] of one face.
  at::Tensor draw(const std::vector<vision::Point>& landmarks, const std::optional<at::Tensor>& image,
                  const std::optional<at::Tensor>& corners) const {
    const Size frame = sizes.frame(image);
    std::vector<vision::Point> face = with_forehead(landmarks);
    std::optional<at::Tensor> background;
    if (image && background_edges) {
      const at::Tensor outside = draw_labels(face, frame.height, frame.width) == 0;
      background = canny(grey_of(pixels_of(*image))).logical_and_(outside);
    }
    if (scale_face) scale_parts(face);
    const auto distances = distance_maps ? Distances::All : Distances::None;
    const EdgeMaps maps = draw_edges(face, frame.height, frame.width, distances);
    const at::Tensor edges = background ? maps.edges + background->to(at::kByte) * 255 : maps.edges;
    std::vector<at::Tensor> channels = {sizes.fit(edges, corners, Outside::Zero, vision::Filter::Bilinear)};
    if (distance_maps) {
      for (const at::Tensor& map : maps.distances.unbind()) {
        channels.push_back(sizes.fit(map, corners, Outside::Border, vision::Filter::Bilinear));
      }
    }
    return at::stack(channels).to(at::kFloat).div_(255);
  }
};

}  // namespace

void add_draw(Registry& registry) {
  registry.add<Draw>("face.draw");
}

}  // namespace weft::face
