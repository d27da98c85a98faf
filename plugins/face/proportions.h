#pragma once

#include "plugins/face/landmark_file.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace weft::face {

/// Of a group of landmarks that are mirror images of each other.
struct Proportion {
  double spread = 0;    ///< mean distance to the middle of the group, in pixels
  double distance = 0;  ///< mean distance of the middle to the chin, in pixels
};

/// How large the parts of a face are, in all frames together.
struct Proportions {
  std::vector<Proportion> groups;  ///< 45, or none where no frame has a face
  double width = 0;                ///< of the first face, in pixels
};

/// Source: Wang et al. 2019, "Few-shot Video-to-Video Synthesis", program (normalize_faces).
/// @param faces  with forehead; those without landmarks are skipped
Proportions proportions_of(const std::vector<Landmarks>& faces);

/// Gives a face the proportions of another one: each group is scaled about its middle, and moved along the line from the
/// chin.
/// @param face  with forehead
/// @param of  the proportions of this face over its whole sequence
/// @param reference  those of the other face
/// @param size  by which the reference's sizes are divided: 1, or its width by that of this face
Landmarks with_proportions(Landmarks face, const Proportions& of, const Proportions& reference, double size);

/// [1, 46, 3] double: spread and distance of each group, then the width; all 0 where there is no face.
at::Tensor keypoints_of(const Proportions& proportions);
/// @param rows  [46, 3] of any type
/// @throws Error  (Graph) when the rows are others
Proportions proportions_from(const at::Tensor& rows);

}  // namespace weft::face
