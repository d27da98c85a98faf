#pragma once

#include <weft/node.h>

namespace weft::toy {

/// Nodes for tests of training, whose gradients can be computed by hand.
void add_learning_nodes(Registry& registry);

}  // namespace weft::toy
