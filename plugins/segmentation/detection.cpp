#include "plugins/segmentation/detection.h"

#include "plugins/segmentation/operators.h"
#include "plugins/segmentation/segmenter.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

namespace weft::segmentation {
namespace {

ImageSize size_of(const at::Tensor& image) {
  return {image.size(-2), image.size(-1)};
}

at::Tensor fitted(const at::Tensor& image, const TransformOptions& options) {
  const auto [height, width] = size_of(image);
  const double shorter = static_cast<double>(std::min(height, width)),
               longer = static_cast<double>(std::max(height, width));
  const double scale =
      std::min(static_cast<double>(options.shorter) / shorter, static_cast<double>(options.longer) / longer);
  const auto side = [&](int64_t old) {
    return std::max<int64_t>(1, static_cast<int64_t>(std::floor(static_cast<double>(old) * scale)));
  };
  return resized(image.unsqueeze(0), side(height), side(width))[0];
}

int64_t rounded_up(int64_t side, int64_t multiple) {
  return (side + multiple - 1) / multiple * multiple;
}

Boxes chosen(const Boxes& from, const at::Tensor& indices) {
  return {from.boxes.index_select(0, indices), from.scores.index_select(0, indices),
          from.labels.index_select(0, indices)};
}

/// The boxes that are left by size and score, then by overlap within each label.
Boxes filtered(Boxes boxes, double least_side, const at::Tensor& scores_well, double overlap, int64_t most) {
  boxes = chosen(boxes, scores_well);
  boxes = chosen(boxes, large_enough(boxes.boxes, least_side));
  const at::Tensor kept = nms(boxes.boxes, boxes.scores, overlap, boxes.labels);
  return chosen(boxes, kept.slice(0, 0, most));
}

/// The best boxes of one level, of one image.
Boxes best_of_level(const at::Tensor& logits, const at::Tensor& deltas, const at::Tensor& anchors, int64_t level,
                    const ProposalOptions& options) {
  const int64_t count = std::min(options.most_before, logits.size(0));
  const auto [best, indices] = logits.topk(count);
  const at::Tensor boxes =
      BoxCoder().decode(deltas.index_select(0, indices), anchors.index_select(0, indices)).squeeze(1);
  return {boxes, best.sigmoid(), at::full({count}, level, indices.options())};
}

Boxes joined(const std::vector<Boxes>& parts) {
  std::vector<at::Tensor> boxes, scores, labels;
  for (const Boxes& part : parts) {
    boxes.push_back(part.boxes);
    scores.push_back(part.scores);
    labels.push_back(part.labels);
  }
  return {at::cat(boxes), at::cat(scores), at::cat(labels)};
}

/// Boxes of all images as [K, 5], the index of the image before them.
at::Tensor with_image(const std::vector<at::Tensor>& boxes) {
  std::vector<at::Tensor> rows;
  for (size_t i = 0; i < boxes.size(); ++i) {
    const at::Tensor index = at::full({boxes[i].size(0), 1}, static_cast<double>(i), boxes[i].options());
    rows.push_back(at::cat({index, boxes[i]}, 1));
  }
  return at::cat(rows);
}

/// Detections of one image.
Boxes detected(const at::Tensor& scores, const at::Tensor& boxes, const ImageSize& image,
               const DetectionOptions& options) {
  const int64_t regions = scores.size(0), classes = scores.size(1) - 1;
  Boxes all;
  all.boxes = clipped(boxes, image).slice(1, 1).reshape({-1, 4});  // without the background: [N (K - 1), 4]
  all.scores = scores.slice(1, 1).reshape({-1});
  all.labels = at::arange(1, classes + 1, at::TensorOptions().dtype(at::kLong).device(scores.device()))
                   .unsqueeze(0)
                   .expand({regions, classes})
                   .reshape({-1});
  const at::Tensor scores_well = (all.scores > options.score).nonzero().squeeze(1);
  return filtered(all, options.least_side, scores_well, options.overlap, options.most);
}

}  // namespace

ImageBatch transformed(const std::vector<at::Tensor>& images, const TransformOptions& options) {
  ImageBatch batch;
  std::vector<at::Tensor> fitting;
  ImageSize most;
  for (const at::Tensor& image : images) {
    fitting.push_back(fitted(image, options));
    batch.sizes.push_back(size_of(fitting.back()));
    most = {std::max(most.height, batch.sizes.back().height), std::max(most.width, batch.sizes.back().width)};
  }
  batch.images = at::zeros({static_cast<int64_t>(images.size()), 3, rounded_up(most.height, options.multiple),
                            rounded_up(most.width, options.multiple)},
                           images.front().options());
  for (size_t i = 0; i < images.size(); ++i) {
    const auto [height, width] = batch.sizes[i];
    batch.images[static_cast<int64_t>(i)].slice(1, 0, height).slice(2, 0, width).copy_(fitting[i]);
  }
  return batch;
}

at::Tensor flattened(const at::Tensor& map, int64_t values) {
  return map
      .view({map.size(0), -1, values, map.size(2), map.size(3)})  // [B, A, C, h, w]
      .permute({0, 3, 4, 1, 2})
      .reshape({map.size(0), -1, values});
}

std::vector<Boxes> proposals(const std::vector<at::Tensor>& logits, const std::vector<at::Tensor>& deltas,
                             const std::vector<at::Tensor>& anchors, const std::vector<ImageSize>& images,
                             const ProposalOptions& options) {
  std::vector<at::Tensor> scores_of, deltas_of;
  for (size_t level = 0; level < logits.size(); ++level) {
    scores_of.push_back(flattened(logits[level], 1).squeeze(2));  // [B, h w A]
    deltas_of.push_back(flattened(deltas[level], 4));             // [B, h w A, 4]
  }
  std::vector<Boxes> all;
  for (size_t image = 0; image < images.size(); ++image) {
    const auto b = static_cast<int64_t>(image);
    std::vector<Boxes> levels;
    for (size_t level = 0; level < logits.size(); ++level) {
      levels.push_back(best_of_level(scores_of[level][b], deltas_of[level][b], anchors[level],
                                     static_cast<int64_t>(level), options));
    }
    Boxes boxes = joined(levels);
    boxes.boxes = clipped(boxes.boxes, images[image]);
    const at::Tensor scores_well = (boxes.scores >= options.score).nonzero().squeeze(1);
    all.push_back(filtered(boxes, options.least_side, scores_well, options.overlap, options.most));
  }
  return all;
}

std::vector<double> scales_of(const std::vector<at::Tensor>& maps, const ImageSize& image) {
  std::vector<double> scales;
  for (const at::Tensor& map : maps) {
    const double ratio = static_cast<double>(map.size(2)) / static_cast<double>(image.height);
    scales.push_back(std::exp2(std::nearbyint(std::log2(ratio))));
  }
  return scales;
}

at::Tensor levels_of(const at::Tensor& boxes, const std::vector<double>& scales, const PyramidOptions& options) {
  constexpr double kRounding = 1e-6;  // of sizes that are exactly those of a level
  const at::Tensor sides = boxes.slice(1, 2, 4) - boxes.slice(1, 0, 2);
  const at::Tensor size = (sides.select(1, 0) * sides.select(1, 1)).sqrt();
  const at::Tensor level =
      ((size / options.canonical_size).log2() + static_cast<double>(options.canonical_level) + kRounding).floor();
  const double first = -std::log2(scales.front()), last = -std::log2(scales.back());
  return (level.clamp(first, last) - first).to(at::kLong);
}

at::Tensor pyramid_align(const std::vector<at::Tensor>& maps, const std::vector<at::Tensor>& boxes,
                         const std::vector<ImageSize>& images, const PyramidOptions& options) {
  ImageSize most;
  for (const ImageSize& image : images) {
    most = {std::max(most.height, image.height), std::max(most.width, image.width)};
  }
  const std::vector<double> scales = scales_of(maps, most);
  const at::Tensor rois = with_image(boxes);
  const at::Tensor levels = levels_of(rois.slice(1, 1), scales, options);
  at::Tensor out = at::empty({rois.size(0), maps.front().size(1), options.size, options.size}, maps.front().options());
  for (size_t i = 0; i < maps.size(); ++i) {
    const at::Tensor here = (levels == static_cast<int64_t>(i)).nonzero().squeeze(1);
    if (here.numel() == 0) continue;
    out.index_copy_(0, here,
                    roi_align(maps[i], rois.index_select(0, here),
                              {options.size, options.size, scales[i], options.samples, /*aligned=*/false}));
  }
  return out;
}

std::vector<Boxes> detections(const at::Tensor& logits, const at::Tensor& deltas,
                              const std::vector<at::Tensor>& regions, const std::vector<ImageSize>& images,
                              const DetectionOptions& options) {
  const at::Tensor scores = logits.softmax(1);
  const at::Tensor boxes = options.coder.decode(deltas, at::cat(regions));  // [sum of N, K, 4]
  std::vector<Boxes> all;
  int64_t begin = 0;
  for (size_t i = 0; i < images.size(); ++i) {
    const int64_t count = regions[i].size(0);
    all.push_back(detected(scores.narrow(0, begin, count), boxes.narrow(0, begin, count), images[i], options));
    begin += count;
  }
  return all;
}

at::Tensor rescaled(const at::Tensor& boxes, const ImageSize& from, const ImageSize& to) {
  const float y = static_cast<float>(to.height) / static_cast<float>(from.height);
  const float x = static_cast<float>(to.width) / static_cast<float>(from.width);
  return boxes * at::tensor({x, y, x, y}, boxes.options());
}

}  // namespace weft::segmentation
