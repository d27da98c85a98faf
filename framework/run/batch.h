#pragma once

#include "framework/node/value.h"

#include <vector>

namespace weft::run {

/// One value of several, one after the other on the batch axis: clips side by side, or the frames of a chunk that a node
/// folds. Windows are joined frame by frame, judgements tensor by tensor.
/// @throws Error  (Exit::Graph) for scalars and texts, which have no batch axis
Value join_batch(const std::vector<const Value*>& values);

/// The same for tensors.
/// @throws Error  (Exit::Data) when they differ in more than their first size
at::Tensor join_tensors(const std::vector<at::Tensor>& parts);

/// The opposite: `count` values of equal size. A scalar is one value for all of them.
std::vector<Value> deal_batch(const Value& value, size_t count);

}  // namespace weft::run
