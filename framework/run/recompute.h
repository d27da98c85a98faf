#pragma once

#include "framework/node/node.h"

#include <span>

namespace weft::run {

/// Runs a node without keeping its intermediate values; they are recomputed when gradients are computed. This needs less
/// memory and more time.
///
/// The second run has the same inputs, frame, sequence and precision, and does not change the running statistics of the
/// network again. For nodes without state. Source: Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost".
void run_recomputing(Node& node, std::span<const PortInput> inputs, std::span<Value> outputs, Context& context);

}  // namespace weft::run
