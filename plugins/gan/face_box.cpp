#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/stack.h>

#include <algorithm>

namespace weft::gan {
namespace {

/// Position of the head in a pose map, for the discriminator of faces.
///
/// Source: the program of Wang et al. 2018, for poses.
struct FaceBox {
  static constexpr auto about =
      "Square box around the head in a pose map: for image.cut and a discriminator of faces. `found` is 1 where there "
      "is a head, else 0: use it as the weight of the losses";

  enum class Map { DensePose, OpenPose };
  Map map = Map::DensePose;
  int64_t size = 64;

  void params(Params& p) {
    p("map", map,
      "the first channels of the conditions: a DensePose map, whose third channel is above 0.9 at heads, or an "
      "OpenPose drawing, where the line from neck to nose has its own colour",
      {{"densepose", Map::DensePose}, {"openpose", Map::OpenPose}});
    p("size", size,
      "side of the square in pixels; the original program uses a quarter of the frame's, as a multiple of 8")
        .min(1);
  }

  std::tuple<Out<"box", "keypoints[B,2,3]">, Out<"found", "scalar">> run(In<"s", "conditions[B,C,H,W]"> s) {
    if (s->size(1) < 3) {
      throw Error(Exit::Graph, text("gan.face_box reads the first three channels, but there are ", s->size(1)))
          .hint("wire the map of pose.densepose or pose.draw to it");
    }
    const at::Tensor head = is_head(*s).any(0);  // [H, W], of the whole batch, as in the original
    const auto [x, found] = begin_along(head.any(0));
    const at::Tensor y = std::get<0>(begin_along(head.any(1)));
    const at::Tensor first = at::stack({x, y, found}), last = at::stack({x + size, y + size, found});
    return {at::stack({first, last}).unsqueeze(0).expand({s->size(0), 2, 3}), found};
  }

 private:
  at::Tensor is_head(const at::Tensor& s) const {
    const at::Tensor red = s.select(1, 0), green = s.select(1, 1), blue = s.select(1, 2);  // [B, H, W]
    if (map == Map::DensePose) return blue > 0.9;
    const at::Tensor is_red = (red > 0.19).logical_and(red < 0.21);
    return is_red.logical_and(green < -0.99).logical_and((blue > -0.61).logical_and(blue < -0.59));
  }

  /// Where the square begins along one axis, and whether anything is there: both [], without waiting for the device.
  std::pair<at::Tensor, at::Tensor> begin_along(const at::Tensor& there) const {
    const int64_t length = there.size(0), half = size / 2;
    const at::Tensor marks = there.to(at::kFloat);
    const at::Tensor lowest = marks.argmax(), highest = length - 1 - marks.flip(0).argmax();
    const at::Tensor centre = (lowest + highest).div(2, "floor").clamp(half, std::max(half, length - 1 - half));
    return {(centre - half).to(at::kFloat), marks.max()};
  }
};

}  // namespace

void add_face_box(Registry& registry) {
  registry.add<FaceBox>("gan.face_box");
}

}  // namespace weft::gan
