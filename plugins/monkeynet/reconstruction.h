#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace weft::monkeynet {

/// The distance of two lists of maps, map by map: weight · mean |fake - real| of each sample.
///
/// Gradients go through both, as in the original: so the discriminator's maps of the real frames teach the keypoint
/// detector too.
/// @param weights  one for each map, in their order; maps beyond the last weight do not count
/// @returns of each map with a weight, [B]
std::vector<at::Tensor> reconstruction_losses(const std::vector<at::Tensor>& fake, const std::vector<at::Tensor>& real,
                                              const std::vector<double>& weights);

}  // namespace weft::monkeynet
