#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace weft::posewarp {

/// Joints of a person, in the order head, neck, right shoulder, elbow, wrist, left shoulder, elbow, wrist, right hip, knee,
/// ankle, left hip, knee, ankle: [B, 14, 3], x and y in pixels and a confidence. A joint with confidence 0 or less was not
/// found; what it belongs to is left out.
///
/// Source of all functions: Balakrishnan et al. 2018, "Synthesizing Images of Humans in Unseen Poses", sections 3 and 4.
inline constexpr int64_t kJoints = 14;
/// Head, three of each arm and leg side by side, torso: pairs of joints, and the torso of both shoulders and both hips.
inline constexpr int64_t kLimbs = 10;

/// Gaussians of the joints on the grid of half the size: exp(-d^2 / (2 (7/4)^2)). A joint outside of that grid, or on its
/// border, has an empty map.
/// @returns [B, 14, height / 2, width / 2]
at::Tensor heatmaps(const at::Tensor& joints, int64_t height, int64_t width);

/// Where the limbs are: an oriented Gaussian for each, divided by its maximum. Its variance is max(5, length^2 / 1.5) along
/// the limb and 11^2 across, 13^2 across the torso.
/// @returns [B, 10, height, width] in [0, 1]
at::Tensor limb_masks(const at::Tensor& joints, int64_t height, int64_t width);

/// log of the background and of limb_masks, where the background is 1 - the largest limb.
/// @returns [B, 11, height, width]
at::Tensor mask_prior(const at::Tensor& joints, int64_t height, int64_t width);

/// For each limb the similarity that takes its target joints to its source joints, of least squares: the position in the
/// source of each pixel of the target. Limbs that were not found stay where they are.
/// @returns [B, 10, 2, 3], for (x, y, 1) in pixels
at::Tensor limb_transforms(const at::Tensor& source, const at::Tensor& target);

/// Maps at the positions that transforms give, bilinear; the border of one reflected pixel goes on without end.
/// @param maps        [B, N C, H, W]
/// @param transforms  [B, N, 2, 3]
/// @returns [B, N C, H, W]
at::Tensor transformed(const at::Tensor& maps, const at::Tensor& transforms);

/// Twice the size: pixel i is at i / 2, so even pixels are copies, odd ones means of their neighbours. Behind the last pixel
/// stands the one before it. [B, C, H, W] -> [B, C, 2H, 2W]; H and W at least 2.
at::Tensor doubled(const at::Tensor& maps);

/// The size of a person: the larger of 2.5 times the height of the upper body and 5 times the mean length of the calves, in
/// units of 200 pixels. What lacks a joint does not count. @returns [B], 0 where nothing counts
at::Tensor person_scale(const at::Tensor& joints);

}  // namespace weft::posewarp
