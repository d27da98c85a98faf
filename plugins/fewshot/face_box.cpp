#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>

#include <tuple>

namespace weft::fewshot {
namespace {

constexpr int64_t kSmallest = 32;

/// A square around the head of each sample.
///
/// Source: the program of Wang et al. 2019, "Few-shot Video-to-Video Synthesis".
struct FaceBox {
  static constexpr auto about =
      "Square box around the head of each sample of a pose map (few-shot vid2vid), for fewshot.face_crop: its side "
      "follows "
      "the size of the head; where there is no head, a box in the upper half";

  enum class Map { DensePose, OpenPose };
  Map map = Map::DensePose;

  void params(Params& p) {
    p("map", map,
      "what shows the head: the third channel of a DensePose map above 0.9, or an OpenPose drawing in the last three "
      "channels, whose face is white",
      {{"densepose", Map::DensePose}, {"openpose", Map::OpenPose}});
  }

  Out<"box", "keypoints[B,2,3]"> run(In<"s", "conditions[B,C,H,W]"> s) {
    if (s->size(1) < 3)
      throw Error(Exit::Graph, text("fewshot.face_box reads three channels, but there are ", s->size(1)));
    const int64_t height = s->size(2), width = s->size(3);
    const at::Tensor head =
        map == Map::DensePose ? s->select(1, 2) > 0.9 : (s->narrow(1, s->size(1) - 3, 3) > 0).all(1);  // [B, H, W]
    const auto [top, bottom, found] = ends(head.any(2));
    const auto [left, right, same] = ends(head.any(1));
    const bool is_surface = map == Map::DensePose;
    const at::Tensor x = (left + right).div(2, "floor");
    const at::Tensor y = is_surface ? (top + bottom).div(2, "floor") : (3 * top + 2 * bottom).div(5, "floor");
    const at::Tensor side = is_surface ? (1.25 * (bottom - top)).floor() : (2.5 * (right - left)).floor();
    const at::Tensor around = side.clamp(kSmallest).clamp_max(width);
    const at::Tensor half = at::where(found, around, static_cast<double>(height / 32 * 8)).div(2, "floor");  // [B]
    const auto centre = [&](const at::Tensor& of_head, int64_t otherwise, int64_t size) {
      const at::Tensor wanted = at::where(found, of_head, static_cast<double>(otherwise));
      return wanted.minimum(static_cast<double>(size - 1) - half)
          .maximum(half);  // of a narrow map the first border counts
    };
    const at::Tensor row = centre(y, height / 4, height), column = centre(x, width / 2, width);
    const at::Tensor sure = found.to(at::kFloat);
    const at::Tensor first = at::stack({column - half, row - half, sure}, 1);
    return at::stack({first, at::stack({column + half, row + half, sure}, 1)}, 1);  // [B, 2, 3]
  }

 private:
  /// The first and the last place that is marked, and whether there is one: each [B].
  static std::tuple<at::Tensor, at::Tensor, at::Tensor> ends(const at::Tensor& marks) {
    const at::Tensor numbers = marks.to(at::kFloat);
    const at::Tensor last = marks.size(1) - 1 - numbers.flip(1).argmax(1);
    return {numbers.argmax(1).to(at::kFloat), last.to(at::kFloat), marks.any(1)};
  }
};

/// The pixels of a box, at one size for all samples.
struct FaceCrop {
  static constexpr auto about =
      "Crops each sample of a map to its box, which may have a size of its own, and resizes it by nearest pixels, for "
      "a "
      "discriminator of faces";

  int64_t size = 64;
  void params(Params& p) { p("size", size, "side of the crop in pixels").min(1).max(8192); }
  void shape(Shapes& shapes) const { shapes.set('S', size); }

  Out<"crop", "like map[B,C,S,S]"> run(In<"map", "any[B,C,H,W]"> map, In<"box", "keypoints[B,2,3]"> box) {
    const int64_t batch = map->size(0), channels = map->size(1), width = map->size(3);
    const at::Tensor rows = places(*box, 1, map->size(2)), columns = places(*box, 0, width);  // [B, S]
    const at::Tensor pixels = (rows.unsqueeze(2) * width + columns.unsqueeze(1)).view({batch, 1, -1});
    return map->flatten(2).gather(2, pixels.expand({batch, channels, -1})).view({batch, channels, size, size});
  }

 private:
  at::Tensor places(const at::Tensor& box, int64_t axis, int64_t end) const {
    const at::Tensor first = box.select(1, 0).select(1, axis), last = box.select(1, 1).select(1, axis);  // [B]
    const at::Tensor step = (last - first) / static_cast<double>(size);
    const at::Tensor offset = (at::arange(size, box.options()) * step.unsqueeze(1)).floor();
    return (first.unsqueeze(1) + offset).clamp(0, end - 1).to(at::kLong);
  }
};

}  // namespace

void add_face_box(Registry& registry) {
  registry.add<FaceBox>("fewshot.face_box");
  registry.add<FaceCrop>("fewshot.face_crop");
}

}  // namespace weft::fewshot
