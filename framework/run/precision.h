#pragma once

#include "framework/base/log.h"
#include "framework/graph/goal_graph.h"

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <string_view>

namespace weft::run {

/// Whether bf16 is faster than f32 on a device. A processor without AVX-512 has no convolution of bf16: LibTorch computes
/// each number on its own, ten to twenty times slower.
bool is_bf16_fast(at::Device device);

/// The type in which networks compute on a device: that of [run] precision, but float where bf16 would be slower.
at::ScalarType precision_of(const graph::GoalGraph& graph, at::Device device);
/// The same, and a note, once, where it is not what [run] precision asks for.
at::ScalarType precision_of(const graph::GoalGraph& graph, at::Device device, Log& log);

/// "f32", "bf16".
std::string_view name_of_precision(at::ScalarType type);

}  // namespace weft::run
