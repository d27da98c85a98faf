#pragma once

#include "framework/vision/curve.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace weft::face {

/// The number of edges and of distance maps: the outline, two brows, three of the nose, two of each
/// eye, two of the mouth, two of the inner mouth.
constexpr int64_t kEdges = 14;

/// The landmarks of one part of the face: a polygon, whose edges are drawn one by one.
struct Part {
  int64_t label;  ///< 1 skin, 2 brows, 3 nose, 4 eyes, 5 mouth, 6 inside of the mouth
  std::vector<std::vector<size_t>> edges;
};

/// The parts of a face, in the order in which they are painted.
/// @param points  kWithForehead; with kLandmarks alone the outline is the jaw
std::vector<Part> face_parts(size_t points);

/// The part that each pixel belongs to; later parts cover earlier ones.
/// @param landmarks  of one face with forehead, or none where nobody is
/// @returns [height, width] uint8; 0 outside of the face
at::Tensor draw_labels(const std::vector<vision::Point>& landmarks, int64_t height, int64_t width);

/// Makes another face of this one by fixed ratios: brows and eyes come nearer to each other, then each part
/// changes its width or height about its own centre. A test of how a network takes landmarks of a person that
/// it was not trained on.
///
/// Source: Wang et al. 2018, program (random_scale_points); docs/papers/vid2vid.md.
void scale_parts(std::vector<vision::Point>& landmarks);

/// The edges of a face as the input of a network.
struct EdgeMaps {
  at::Tensor edges;      ///< [height, width] uint8, 255 on the edges
  at::Tensor distances;  ///< [14, height, width] uint8: how far it is to each edge, in steps of 3 pixels up
                         ///< and down or across; or undefined
};

enum class Distances { None, All };

/// Draws the edges as curves through their landmarks. Where nobody is, no pixel is on an edge, and all are as far from
/// it as a map can say.
/// @param landmarks  of one face with or without forehead, or none
/// @param brush  half the width of lines in pixels
EdgeMaps draw_edges(const std::vector<vision::Point>& landmarks, int64_t height, int64_t width, Distances distances,
                    int64_t brush = 1);

}  // namespace weft::face
