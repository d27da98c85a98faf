#include "plugins/posewarp/geometry.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/amax.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/atan2.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/grid_sampler_2d.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/reflection_pad2d.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>

#include <array>
#include <vector>

namespace weft::posewarp {
namespace {

enum Joint : int64_t {
  Head,
  Neck,
  RightShoulder,
  RightElbow,
  RightWrist,
  LeftShoulder,
  LeftElbow,
  LeftWrist,
  RightHip,
  RightKnee,
  RightAnkle,
  LeftHip,
  LeftKnee,
  LeftAnkle
};

/// Two joints of each limb; the torso stands for itself.
constexpr std::array<std::array<int64_t, 2>, kLimbs - 1> kPairs = {{{Head, Neck},
                                                                    {RightShoulder, RightElbow},
                                                                    {RightElbow, RightWrist},
                                                                    {LeftShoulder, LeftElbow},
                                                                    {LeftElbow, LeftWrist},
                                                                    {RightHip, RightKnee},
                                                                    {RightKnee, RightAnkle},
                                                                    {LeftHip, LeftKnee},
                                                                    {LeftKnee, LeftAnkle}}};

/// The first or the second joints of all pairs: [B, 9, n] of [B, 14, n].
at::Tensor of_pairs(const at::Tensor& joints, size_t end) {
  std::vector<at::Tensor> chosen;
  for (const auto& pair : kPairs) chosen.push_back(joints.select(1, pair[end]));
  return at::stack(chosen, 1);
}

at::Tensor joint(const at::Tensor& joints, int64_t index) {
  return joints.narrow(1, index, 1);
}

/// Which limbs have all their joints: [B, 10].
at::Tensor found_limbs(const at::Tensor& joints) {
  const at::Tensor found = joints.select(2, 2).gt(0);  // [B, 14]
  const at::Tensor torso =
      joint(found, RightShoulder) & joint(found, LeftShoulder) & joint(found, RightHip) & joint(found, LeftHip);
  return at::cat({of_pairs(found, 0) & of_pairs(found, 1), torso}, 1);
}

/// The ends of the limbs, [B, 10, 2]; those of the torso are the middles of its shoulders and of its hips.
at::Tensor ends(const at::Tensor& joints, size_t end) {
  const at::Tensor places = joints.narrow(2, 0, 2);
  const at::Tensor left = joint(places, end == 0 ? LeftShoulder : LeftHip),
                   right = joint(places, end == 0 ? RightShoulder : RightHip);
  return at::cat({of_pairs(places, end), (left + right) / 2}, 1);
}

/// The similarity of least squares that takes `from` to `to`, both [B, N, J, 2]: [B, N, 2, 3]. Points that are all in one
/// place only move.
at::Tensor similarity(const at::Tensor& from, const at::Tensor& to) {
  const at::Tensor from_middle = from.mean(2, true), to_middle = to.mean(2, true);
  const at::Tensor d = from - from_middle, e = to - to_middle;
  const at::Tensor dx = d.select(3, 0), dy = d.select(3, 1), ex = e.select(3, 0), ey = e.select(3, 1);
  const at::Tensor squares = (dx.square() + dy.square()).sum(2);  // [B, N]
  const at::Tensor is_point = squares.eq(0), divisor = squares.masked_fill(is_point, 1);
  const at::Tensor a = ((dx * ex + dy * ey).sum(2) / divisor).masked_fill(is_point, 1);
  const at::Tensor b = (dx * ey - dy * ex).sum(2) / divisor;
  const at::Tensor x = from_middle.select(3, 0).squeeze(2), y = from_middle.select(3, 1).squeeze(2);
  const at::Tensor to_x = to_middle.select(3, 0).squeeze(2), to_y = to_middle.select(3, 1).squeeze(2);
  return at::stack({at::stack({a, -b, to_x - (a * x - b * y)}, -1), at::stack({b, a, to_y - (b * x + a * y)}, -1)}, -2);
}

/// [B, 9, 2, 2], the joints of the pairs.
at::Tensor pairs(const at::Tensor& joints) {
  const at::Tensor places = joints.narrow(2, 0, 2);
  return at::stack({of_pairs(places, 0), of_pairs(places, 1)}, 2);
}

/// [B, 1, 4, 2], the corners of the torso.
at::Tensor torso(const at::Tensor& joints) {
  const at::Tensor places = joints.narrow(2, 0, 2);
  return at::stack(
      {joint(places, RightShoulder), joint(places, LeftShoulder), joint(places, RightHip), joint(places, LeftHip)}, 2);
}

at::Tensor row(const at::Tensor& like, int64_t count) {
  return at::arange(count, like.options());
}

}  // namespace

at::Tensor heatmaps(const at::Tensor& joints, int64_t height, int64_t width) {
  constexpr double kDeviation = 7.0 / 4;  // pixels
  const int64_t rows = height / 2, columns = width / 2;
  const at::Tensor x = joints.select(2, 0) / 2, y = joints.select(2, 1) / 2;  // [B, 14]
  const at::Tensor is_seen = x.gt(0) & y.gt(0) & x.lt(columns - 1) & y.lt(rows - 1) & joints.select(2, 2).gt(0);
  const auto profile = [&](const at::Tensor& place, int64_t count) {
    return ((row(joints, count) - place.unsqueeze(2)).square() / (-2 * kDeviation * kDeviation)).exp();  // [B, 14, n]
  };
  const at::Tensor across = profile(x, columns), down = profile(y, rows);
  return down.unsqueeze(3) * across.unsqueeze(2) * is_seen.unsqueeze(2).unsqueeze(3).to(joints.scalar_type());
}

at::Tensor limb_masks(const at::Tensor& joints, int64_t height, int64_t width) {
  constexpr double kLeastLength = 5, kAcrossLimb = 11 * 11, kAcrossTorso = 13 * 13, kLeastMaximum = 1e-6;
  const at::Tensor first = ends(joints, 0), second = ends(joints, 1), middle = (first + second) / 2;  // [B, 10, 2]
  const at::Tensor axis = second - first;
  const at::Tensor along = (axis.square().sum(2) / 1.5).clamp_min(kLeastLength);  // [B, 10]
  std::vector<double> widths(kLimbs, kAcrossLimb);
  widths.back() = kAcrossTorso;
  const at::Tensor across = at::tensor(widths).to(joints.options()).expand_as(along);
  const at::Tensor angle = at::atan2(axis.select(2, 1), axis.select(2, 0));
  const auto map = [](const at::Tensor& number) { return number.unsqueeze(2).unsqueeze(3); };  // [B, 10, 1, 1]
  const at::Tensor x = row(joints, width) - map(middle.select(2, 0)),                          // [B, 10, 1, W]
      y = row(joints, height).unsqueeze(1) - map(middle.select(2, 1));                         // [B, 10, H, 1]
  const at::Tensor u = x * map(angle.cos()) + y * map(angle.sin()), v = y * map(angle.cos()) - x * map(angle.sin());
  const at::Tensor masks = (u.square() / map(-2 * along) + v.square() / map(-2 * across)).exp();
  const at::Tensor found = map(found_limbs(joints)).to(joints.scalar_type());
  return masks / (at::amax(masks, {2, 3}, true) + kLeastMaximum) * found;
}

at::Tensor mask_prior(const at::Tensor& joints, int64_t height, int64_t width) {
  constexpr double kLeast = 1e-10;
  // In double: in the middle of a limb the background is a difference of two numbers near 1.
  const at::Tensor masks = limb_masks(joints.to(at::kDouble), height, width);
  const at::Tensor all = at::cat({1 - at::amax(masks, {1}, true), masks}, 1);
  return (all + kLeast).log().to(joints.scalar_type());
}

at::Tensor limb_transforms(const at::Tensor& source, const at::Tensor& target) {
  const at::Tensor transforms = at::cat(
      {similarity(pairs(target), pairs(source)), similarity(torso(target), torso(source))}, 1);  // [B, 10, 2, 3]
  const at::Tensor found = (found_limbs(source) & found_limbs(target)).unsqueeze(2).unsqueeze(3);
  const at::Tensor unmoved = at::tensor({1.0, 0.0, 0.0, 0.0, 1.0, 0.0}).to(transforms.options()).view({2, 3});
  return at::where(found, transforms, unmoved);
}

at::Tensor transformed(const at::Tensor& maps, const at::Tensor& transforms) {
  constexpr int64_t kBilinear = 0, kBorder = 1;
  const int64_t batch = maps.size(0), count = transforms.size(1), height = maps.size(2), width = maps.size(3);
  const at::Tensor x = row(transforms, width), y = row(transforms, height).unsqueeze(1);
  const at::Tensor t = transforms.flatten(0, 1).unsqueeze(3).unsqueeze(4);             // [B N, 2, 3, 1, 1]
  const at::Tensor places = t.select(2, 0) * x + t.select(2, 1) * y + t.select(2, 2);  // [B N, 2, H, W] in pixels
  // With the border the map has one pixel more on each side; -1 and 1 are the centres of its first and last.
  const auto from_minus_1_to_1 = [](const at::Tensor& place, int64_t pixels) {
    return (place + 1) * (2.0 / static_cast<double>(pixels + 1)) - 1;
  };
  const at::Tensor grid =
      at::stack({from_minus_1_to_1(places.select(1, 0), width), from_minus_1_to_1(places.select(1, 1), height)}, 3);
  const at::Tensor bordered = at::reflection_pad2d(maps.reshape({batch * count, -1, height, width}), {1, 1, 1, 1});
  return at::grid_sampler_2d(bordered, grid, kBilinear, kBorder, /*align_corners=*/true).view_as(maps);
}

at::Tensor doubled(const at::Tensor& maps) {
  const auto along = [](const at::Tensor& x, int64_t axis) {
    const int64_t n = x.size(axis);
    const at::Tensor next = at::cat({x.narrow(axis, 1, n - 1), x.narrow(axis, n - 2, 1)}, axis);
    return at::stack({x, (x + next) / 2}, axis + 1).flatten(axis, axis + 1);
  };
  return along(along(maps, 2), 3);
}

at::Tensor person_scale(const at::Tensor& joints) {
  const auto has = [&](const std::vector<int64_t>& indices) {
    at::Tensor all = joints.new_ones({joints.size(0)});
    for (const int64_t index : indices) all = all * joints.select(1, index).select(1, 2).gt(0);
    return all;  // [B], 1 where all of them were found
  };
  const auto y = [&](int64_t index) { return joints.select(1, index).select(1, 1); };
  const auto calf = [&](int64_t knee, int64_t ankle) {
    return (joints.select(1, knee) - joints.select(1, ankle)).narrow(1, 0, 2).square().sum(1).sqrt() *
           has({knee, ankle});
  };
  const at::Tensor upper_body = ((y(RightHip) + y(LeftHip)) / 2 - y(Head)) * has({Head, RightHip, LeftHip});
  const at::Tensor calves = has({RightKnee, RightAnkle}) + has({LeftKnee, LeftAnkle});  // how many there are
  const at::Tensor length = (calf(RightKnee, RightAnkle) + calf(LeftKnee, LeftAnkle)) / calves.clamp_min(1);
  return at::maximum(2.5 * upper_body, 5 * length) / 200;
}

}  // namespace weft::posewarp
