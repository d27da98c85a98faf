#pragma once

#include "plugins/segmentation/boxes.h"

#include <vector>

/// The steps of Mask R-CNN between its networks, without parameters.
/// Source: He et al. 2017, "Mask R-CNN"; Ren et al. 2015, "Faster R-CNN"; Lin et al. 2017, "Feature Pyramid Networks".
namespace weft::segmentation {

/// Images of any sizes as one batch.
struct ImageBatch {
  at::Tensor images;             ///< [B, 3, H, W], zeros to the right and below
  std::vector<ImageSize> sizes;  ///< of each image in it
};

struct TransformOptions {
  int64_t shorter = 800;  ///< the shorter side of an image, in pixels
  int64_t longer = 1333;  ///< at most, of the longer side, which goes before
  int64_t multiple = 32;  ///< of the batch's sides
};

/// Resizes images, bilinearly and without smoothing, and puts them into one batch.
/// @param images  [3, h, w] each, normalised
ImageBatch transformed(const std::vector<at::Tensor>& images, const TransformOptions& options);

/// Maps of a head [B, A C, h, w] as rows [B, h w A, C]: rows, columns, anchors of a cell.
at::Tensor flattened(const at::Tensor& map, int64_t values);

struct ProposalOptions {
  int64_t most_before = 1000;  ///< boxes of a level, by score
  int64_t most = 1000;         ///< boxes of an image
  double overlap = 0.7;        ///< of boxes of one level, above which the one with the lower score goes
  double score = 0;            ///< the least
  double least_side = 1e-3;    ///< pixels
};

/// Boxes of one image by falling score.
struct Boxes {
  at::Tensor boxes;   ///< [N, 4]
  at::Tensor scores;  ///< [N]
  at::Tensor labels;  ///< [N] int64, of detections
};

/// The boxes that may hold something, from the maps of the region proposal network.
/// @param logits   of each level [B, A, h, w]
/// @param deltas   of each level [B, 4 A, h, w]
/// @param anchors  of each level [h w A, 4]
/// @returns for each image
std::vector<Boxes> proposals(const std::vector<at::Tensor>& logits, const std::vector<at::Tensor>& deltas,
                             const std::vector<at::Tensor>& anchors, const std::vector<ImageSize>& images,
                             const ProposalOptions& options);

struct PyramidOptions {
  int64_t size = 7;             ///< of the result, both sides
  int64_t samples = 2;          ///< of RoIAlign
  double canonical_size = 224;  ///< a box of this size, in pixels …
  int64_t canonical_level = 4;  ///< … is looked up in this level, counted in halvings of the image
};

/// The scale of each map against the image, a power of 2.
/// @param image  the largest image of the batch, without its border
std::vector<double> scales_of(const std::vector<at::Tensor>& maps, const ImageSize& image);

/// The map in which each box is looked up, by its size: [N] int64, 0 for the first map.
at::Tensor levels_of(const at::Tensor& boxes, const std::vector<double>& scales, const PyramidOptions& options);

/// RoIAlign of each box in the map that fits its size.
/// @param maps   [B, C, h, w] each
/// @param boxes  of each image [N, 4]
/// @returns [sum of N, C, size, size]
at::Tensor pyramid_align(const std::vector<at::Tensor>& maps, const std::vector<at::Tensor>& boxes,
                         const std::vector<ImageSize>& images, const PyramidOptions& options);

struct DetectionOptions {
  BoxCoder coder = {.weights = {10, 10, 5, 5}};
  double score = 0.05;       ///< detections with a lower one, or this one, go
  double overlap = 0.5;      ///< of boxes of one class
  int64_t most = 100;        ///< detections of an image
  double least_side = 1e-2;  ///< pixels
};

/// Detections from the scores and boxes of all classes.
/// @param logits   [sum of N, K]; class 0 is the background
/// @param deltas   [sum of N, 4 K]
/// @param regions  the proposals of each image [N, 4]
std::vector<Boxes> detections(const at::Tensor& logits, const at::Tensor& deltas,
                              const std::vector<at::Tensor>& regions, const std::vector<ImageSize>& images,
                              const DetectionOptions& options);

/// Boxes of an image that was resized, in its original pixels.
at::Tensor rescaled(const at::Tensor& boxes, const ImageSize& from, const ImageSize& to);

}  // namespace weft::segmentation
