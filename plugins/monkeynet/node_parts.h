#pragma once

#include "plugins/monkeynet/embedding.h"
#include "plugins/monkeynet/hourglass.h"
#include <weft/node.h>

namespace weft::monkeynet {

/// What the nodes of this family share.

/// The frames of a graph, [B, 3, H, W] in [-1, 1], as the networks take them: [B, 3, 1, H, W] in [0, 1].
at::Tensor clip_of(const at::Tensor& image);
/// The way back.
at::Tensor image_of(const at::Tensor& clip);

/// Parameters for the depth and the width of a network.
void add_params(Params& p, HourglassOptions& options);
/// Parameters for what a network sees of the keypoints.
void add_params(Params& p, EmbeddingOptions& options, double& divisor);
/// The divisor of heatmaps as the parameter has it: 0 stands for their sum.
std::optional<double> divisor_of(double number);

/// Refuses frames whose sides, divided by `reduction`, cannot be halved `blocks` times.
/// @throws Error  (Exit::Graph)
void check_sides(std::string_view node, const Shapes& shapes, int64_t reduction, int64_t blocks);

/// The parameter `reduction`: frames are seen at 1 / reduction of their size.
void add_reduction(Params& p, int64_t& reduction);

}  // namespace weft::monkeynet
