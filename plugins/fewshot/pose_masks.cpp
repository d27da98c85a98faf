#include <weft/node.h>

#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/max_pool2d.h>

#include <array>
#include <vector>

namespace weft::fewshot {
namespace {

constexpr int64_t kPartChannel = 2, kSurfaceChannels = 3, kParts = 24, kReach = 15;
constexpr double kTolerance = 0.1;

/// DensePose's parts that belong together: background, torso, hands, feet, and so on; the last group is the head.
const std::array<std::vector<int64_t>, 9> kGroups = {
    {{0}, {1, 2}, {3, 4}, {5, 6}, {7, 8, 9, 10}, {11, 12, 13, 14}, {15, 16, 17, 18}, {19, 20, 21, 22}, {23, 24}}};

/// Where a pose map shows a person, and its parts.
///
/// Source: the program of Wang et al. 2019, "Few-shot Video-to-Video Synthesis".
struct PoseMasks {
  static constexpr auto about =
      "Masks of a person from a pose map that begins with a DensePose map: the surroundings of the body, nine groups "
      "of "
      "parts (the first is the background), the head and, blurred, around it, and the map without the head";

  std::tuple<Out<"foreground", "foreground_mask[B,1,H,W]">, Out<"parts", "feature[B,9,H,W]">,
             Out<"face", "mask[B,1,H,W]">, Out<"around_face", "mask[B,1,H,W]">,
             Out<"without_face", "conditions[B,C,H,W]">>
  run(In<"s", "conditions[B,C,H,W]"> s) {
    if (s->size(1) < kSurfaceChannels) {
      throw Error(Exit::Graph, text("fewshot.pose_masks reads the first three channels, but there are ", s->size(1)))
          .hint("wire a map that begins with that of pose.densepose to it");
    }
    const at::Tensor part = s->narrow(1, kPartChannel, 1);  // [B, 1, H, W] in [-1, 1]
    const at::Tensor near_body = at::max_pool2d(part, kReach, 1, kReach / 2) > -1;
    const at::Tensor number = (part / 2 + 0.5) * static_cast<double>(kParts);
    std::vector<at::Tensor> groups;
    for (const std::vector<int64_t>& group : kGroups) groups.push_back(is_any(number, group));
    const at::Tensor parts = at::cat(groups, 1).to(s->scalar_type());  // [B, 9, H, W]
    const at::Tensor face = parts.narrow(1, parts.size(1) - 1, 1);
    const at::Tensor surface = s->narrow(1, 0, kSurfaceChannels) * (1 - face) - face;
    const at::Tensor rest = s->narrow(1, kSurfaceChannels, s->size(1) - kSurfaceChannels);
    return {near_body.to(s->scalar_type()), parts, face, at::avg_pool2d(face, kReach, 1, kReach / 2),
            at::cat({surface, rest}, 1)};
  }

 private:
  static at::Tensor is_any(const at::Tensor& number, const std::vector<int64_t>& group) {
    at::Tensor any;
    for (const int64_t part : group) {
      const at::Tensor is_part = (number - static_cast<double>(part)).abs() < kTolerance;
      any = any.defined() ? any.logical_or(is_part) : is_part;
    }
    return any;
  }
};

/// What a mask leaves of a map.
struct Masked {
  static constexpr auto about =
      "A map times a mask, or times the union of several: what is outside of all of them becomes 0";
  static constexpr auto passes = "map";

  Out<"masked", "like map[B,C,H,W]"> run(In<"map", "any[B,C,H,W]"> map, Many<"masks", "mask[B,1,H,W]"> masks) {
    at::Tensor all = masks[0];
    for (size_t i = 1; i < masks.size(); ++i) all = all.maximum(masks[i]);
    return *map * all.to(map->scalar_type());
  }
};

}  // namespace

void add_pose_masks(Registry& registry) {
  registry.add<PoseMasks>("fewshot.pose_masks");
  registry.add<Masked>("fewshot.masked");
}

}  // namespace weft::fewshot
