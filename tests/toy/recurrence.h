#pragma once

#include <string>

namespace weft::testing {

/// From the frames of a node `x`: y_t = w y_{t-1} + x_t plus noise that depends on what was before. So it has a delayed
/// edge, a state and random numbers: what training must keep from chunk to chunk.
inline const std::string kNoisyRecurrence = R"(
[stream]
past = "y[t-1] else zeros"
[node.noisy]
use = "toy.remembering"
in = "x"
[node.G]
use = "toy.scale"
in = "past"
weight = 0.5
[node.y]
use = "toy.plus"
in.a = "G"
in.b = "noisy"
)";

/// w learns from the node `loss`.
inline const std::string kLearning = R"(
[weights]
G = "random"
[update.G]
of = ["G"]
lr = 0.01
[update.G.loss]
loss = 1.0
)";

}  // namespace weft::testing
