#pragma once

/// All layers, and the conversions at the entry and the exit of a network.

#include "framework/nn/attention.h"
#include "framework/nn/conv.h"
#include "framework/nn/linear.h"
#include "framework/nn/lstm.h"
#include "framework/nn/norm.h"
#include "framework/nn/pool.h"

namespace weft::nn {

/// A value as a network takes it in: in the network's type and layout.
at::Tensor enter(const at::Tensor& x, at::ScalarType type);
/// The same of a map that may be given by its ids, which stay ids.
MapOrIds enter(const MapOrIds& x, at::ScalarType type);

/// Converts a value to float, or leaves it in double: for outputs of networks, and for computations that must not be
/// rounded to bfloat16.
at::Tensor widened(const at::Tensor& x);

/// Reflects `pixels` columns and rows at each border.
at::Tensor reflection_pad(const at::Tensor& x, int64_t pixels);

}  // namespace weft::nn
