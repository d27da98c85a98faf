#include "plugins/face/canny.h"
#include "plugins/face/frame_sizes.h"
#include "plugins/face/landmarks.h"
#include "plugins/face/parts.h"
#include "plugins/face/pixels.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/stack.h>

#include <algorithm>

namespace weft::face {
namespace {

/// A face as edges, and how far each pixel is from each of them: the input of a face network.
///
/// Edges of the background come from the frame itself. Where they meet an edge of the face the sum of both
/// wraps around to 254, as in the original. Maps are in [0, 1].
///
/// Source: Wang et al. 2018 and 2019, programs; docs/papers/vid2vid.md.
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
  bool forehead = true;
  enum class Program { Vid2vid, FewShot };
  Program program = Program::Vid2vid;

  void params(Params& p) {
    sizes.params(p);
    p("distance_maps", distance_maps, "adds the distance maps: 15 channels instead of 1");
    p("background_edges", background_edges, "adds the edges that `image` has outside of the face");
    p("scale_face", scale_face,
      "changes the face by fixed ratios (brows and eyes closer together, narrower face, nose and mouth, taller eyes), "
      "to use the landmarks of another person; random_scale_points of the original program");
    p("forehead", forehead,
      "adds 15 points of a forehead to 68 landmarks, and draws the face as a closed shape; add_upper_face of few-shot "
      "vid2vid");
    p("program", program,
      "how to draw: as vid2vid (2018), over the whole frame and then cropped, or as few-shot vid2vid (2019), in the "
      "pixels of the window, with lines as wide as the window is high in 128 parts",
      {{"vid2vid", Program::Vid2vid}, {"few_shot", Program::FewShot}});
  }

  void shape(Shapes& shapes) const {
    sizes.shape(shapes);
    if (const Dim points = shapes['K']; points.is_known()) check_landmarks(points.value());
    if (program == Program::FewShot && scale_face) {
      throw Error(Exit::Graph, "`scale_face` is of vid2vid, but `program` is few_shot")
          .hint("face.normalise gives a face the proportions of another one");
    }
    shapes.set('C', Dim(distance_maps ? 1 + kEdges : 1));
  }

  Out<"conditions", "conditions[B,C,Y,X]"> run(In<"keypoints", "keypoints[B,K,3]"> keypoints,
                                               Opt<"image", "image[B,3,H,W]"> image,
                                               Opt<"window", "keypoints[B,2,3]"> window) {
    std::vector<at::Tensor> maps;
    check_landmarks(keypoints->size(1));  // the check may not know it
    for (int64_t b = 0; b < keypoints->size(0); ++b) {
      maps.push_back(draw(landmarks_of(keypoints->select(0, b)), sample_of(image, b), sample_of(window, b)));
    }
    return at::stack(maps);
  }

 private:
  /// [C, Y, X] of one face.
  at::Tensor draw(const std::vector<vision::Point>& landmarks, const std::optional<at::Tensor>& image,
                  const std::optional<at::Tensor>& corners) const {
    return program == Program::FewShot ? draw_in_window(landmarks, image, corners)
                                       : draw_in_frame(landmarks, image, corners);
  }

  at::Tensor draw_in_frame(const std::vector<vision::Point>& landmarks, const std::optional<at::Tensor>& image,
                           const std::optional<at::Tensor>& corners) const {
    const Size frame = sizes.frame(image);
    std::vector<vision::Point> face = completed(landmarks);
    std::optional<at::Tensor> background;
    if (image && background_edges) background = background_of(*image, face, frame);
    if (scale_face) scale_parts(face);
    const EdgeMaps maps = draw_edges(face, frame.height, frame.width, distances());
    const at::Tensor edges = background ? maps.edges + *background : maps.edges;
    std::vector<at::Tensor> channels = {sizes.fit(edges, corners, Outside::Zero, vision::Filter::Bilinear)};
    if (distance_maps) {
      for (const at::Tensor& map : maps.distances.unbind()) {
        channels.push_back(sizes.fit(map, corners, Outside::Border, vision::Filter::Bilinear));
      }
    }
    return at::stack(channels).to(at::kFloat).div_(255);
  }

  at::Tensor draw_in_window(const std::vector<vision::Point>& landmarks, const std::optional<at::Tensor>& image,
                            const std::optional<at::Tensor>& corners) const {
    const Size frame = sizes.frame(image);
    const Window window = corners ? window_of(*corners) : Window{0, frame.height, 0, frame.width, false};
    std::vector<vision::Point> shifted = landmarks;
    for (vision::Point& point : shifted) {
      point.x -= static_cast<double>(window.left);
      point.y -= static_cast<double>(window.top);
    }
    const int64_t height = window.bottom - window.top, width = window.right - window.left;
    const int64_t brush = std::max<int64_t>(1, height / 256);
    const std::vector<vision::Point> face = completed(shifted);
    const EdgeMaps maps = draw_edges(face, height, width, distances(), brush);
    at::Tensor edges = maps.edges;
    if (image && background_edges) {
      edges = edges + cut_out(background_of(*image, completed(landmarks), frame), window, Outside::Zero);
    }
    std::vector<at::Tensor> channels = {sizes.sized(edges, window, vision::Filter::Bilinear)};
    if (distance_maps) {
      for (const at::Tensor& map : maps.distances.unbind()) {
        channels.push_back(sizes.sized(map, window, vision::Filter::Bilinear));
      }
    }
    return at::stack(channels).to(at::kFloat).div_(255);
  }

  Distances distances() const { return distance_maps ? Distances::All : Distances::None; }

  std::vector<vision::Point> completed(const std::vector<vision::Point>& landmarks) const {
    return forehead && landmarks.size() == kLandmarks ? with_forehead(landmarks) : landmarks;
  }

  /// The edges outside of the face, [H, W] uint8, 255 on them.
  static at::Tensor background_of(const at::Tensor& image, const std::vector<vision::Point>& face, Size frame) {
    const at::Tensor outside = draw_labels(face, frame.height, frame.width) == 0;
    return canny(grey_of(pixels_of(image))).logical_and_(outside).to(at::kByte) * 255;
  }
};

}  // namespace

void add_draw(Registry& registry) {
  registry.add<Draw>("face.draw");
}

}  // namespace weft::face
