#pragma once

#include "framework/node/value.h"

#include <vector>

namespace weft::run {

/// Concatenates values in the batch dimension: clips of a batch, or the frames of a chunk that a node folds. Windows are
/// concatenated frame by frame, records tensor by tensor; the numbers of their items are kept (Record::counts).
/// @throws Error  (Exit::Graph) for scalars and texts, which have no batch dimension
Value join_batch(const std::vector<const Value*>& values);

/// The same for tensors.
/// @throws Error  (Exit::Data) when they differ in more than their first size
at::Tensor join_tensors(const std::vector<at::Tensor>& parts);

/// Splits a value in the batch dimension into `count` values of equally many samples. A scalar is repeated.
std::vector<Value> deal_batch(const Value& value, size_t count);

}  // namespace weft::run
