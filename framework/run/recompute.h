#pragma once

#include "framework/node/node.h"

#include <span>

namespace weft::run {

/// Runs a node without keeping what it computes inside; the gradients run it a second time. Less memory for more time.
///
/// The second run is of the same inputs, frame, sequence and precision, and leaves the statistics of the network as the
/// first one made them. For nodes that remember nothing from frame to frame. Source: Chen et al. 2016, "Training Deep Nets
/// with Sublinear Memory Cost".
void run_recomputing(Node& node, std::span<const PortInput> inputs, std::span<Value> outputs, Context& context);

}  // namespace weft::run
