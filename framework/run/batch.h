#pragma once

#include "framework/node/value.h"
#include "framework/spec/kind.h"

#include <vector>

namespace weft::run {

/// Concatenates values in the batch dimension: clips of a batch, or the frames of a chunk that a node folds. Windows are
/// concatenated frame by frame, records tensor by tensor; the numbers of their items are kept (Record::counts). Keypoints
/// [B, K, 3] of fewer points than the others are filled up with points that were not found, which are all 0: people come
/// and go.
/// @param kind  of the values
/// @throws Error  (Exit::Graph) for scalars and texts, which have no batch dimension
/// @throws Error  (Exit::Data) when tensors differ in more than their first size
Value join_batch(const std::vector<const Value*>& values, const Kind& kind);

/// Splits a value in the batch dimension into `count` values of equally many samples. A scalar is repeated.
std::vector<Value> deal_batch(const Value& value, size_t count);

}  // namespace weft::run
