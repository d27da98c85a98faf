#include "framework/base/error.h"
#include "framework/base/text.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>

#include <algorithm>
#include <vector>

namespace weft::image {
namespace {

constexpr double kPresent = 0.01;  // confidence above which a point is present

/// Frames may have different numbers of people: those that are not there have no points.
at::Tensor with_rows(const at::Tensor& points, int64_t rows) {
  return at::constant_pad_nd(points, {0, 0, 0, rows - points.size(1)});
}

/// How far the points of each row are from those of a remembered frame: [B], double.
///
///   mean over points that either has of min(|p - q|, extent), a point that only one of both has being `extent` away
///
/// @param given, remembered  [B, K, 3]: x and y in pixels and a confidence
at::Tensor distance(const at::Tensor& given, const at::Tensor& remembered) {
  const int64_t rows = std::max(given.size(1), remembered.size(1));
  const at::Tensor points = with_rows(given, rows), seen = with_rows(remembered, rows);
  const at::Tensor here = points.select(2, 2) > kPresent, there = seen.select(2, 2) > kPresent;
  const at::Tensor place = points.narrow(2, 0, 2).to(at::kDouble);
  const at::Tensor known = here.unsqueeze(2);
  const at::Tensor most = at::where(known, place, -1e9).amax(1), least = at::where(known, place, 1e9).amin(1);
  const at::Tensor extent = (most - least).amax(1, true).clamp(1e-3);                              // [B, 1]
  const at::Tensor apart = (place - seen.narrow(2, 0, 2).to(at::kDouble)).square().sum(2).sqrt();  // [B, K]
  const at::Tensor one = at::where(here.logical_and(there), apart.minimum(extent), extent);
  const at::Tensor either = here.logical_or(there).to(at::kDouble);
  return (one * either).sum(1) / either.sum(1).clamp(1);
}

/// What a generator of people and faces has to beat.
struct Nearest {
  static constexpr auto about =
      "Nearest neighbour: of the frames that it has been given, the one whose joints or landmarks are nearest to "
      "`keypoints`, by their mean distance. Wire `image` and its keypoints `seen` with `before`, so that they are "
      "absent from some t on: all frames before it are remembered, at the first t at least one. A point that only one "
      "of two frames has counts as far away as the points reach. Memory: all frames that are given";
  static constexpr bool on_host = true;
  static constexpr bool stops_gradients = true;

  Out<"image", "image[B,3,H,W]"> run(Opt<"image", "image[B,3,H,W]"> image, Opt<"seen", "keypoints[B,K,3]"> seen,
                                     In<"keypoints", "keypoints[B,K,3]"> keypoints) {
    if (image && seen) {
      images_.push_back(image->detach().clone());
      points_.push_back(seen->detach().clone());
    }
    if (images_.empty()) {
      throw Error(Exit::Graph, "image.nearest has no frame to choose from: none was given before the first keypoints")
          .hint("wire its `image` and `seen`, as in in.image = \"film before 80\"");
    }
    std::vector<at::Tensor> distances;
    for (const at::Tensor& points : points_) distances.push_back(distance(*keypoints, points));
    const at::Tensor nearest = at::stack(distances).argmin(0);  // [B]
    std::vector<at::Tensor> rows;
    for (int64_t b = 0; b < keypoints->size(0); ++b) {
      rows.push_back(images_[static_cast<size_t>(nearest[b].item<int64_t>())][b]);
    }
    return at::stack(rows);
  }

  void reset() {
    images_.clear();
    points_.clear();
  }
  void state(Archive& archive) {
    auto count = static_cast<int64_t>(images_.size());
    archive("count", count);
    images_.resize(static_cast<size_t>(count));
    points_.resize(static_cast<size_t>(count));
    for (size_t i = 0; i < images_.size(); ++i) {
      archive(text("image ", i), images_[i]);
      archive(text("points ", i), points_[i]);
    }
  }

 private:
  std::vector<at::Tensor> images_, points_;  ///< [B,3,H,W] and [B,K,3] of each remembered frame
};

}  // namespace

void add_nearest(Registry& registry) {
  registry.add<Nearest>("image.nearest");
}

}  // namespace weft::image
