#include "framework/run/precision.h"

#include "framework/graph/run_settings.h"

namespace weft::run {

bool is_bf16_fast(at::Device device) {
  if (!device.is_cpu()) return true;
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
#else
  return true;
#endif
}

at::ScalarType precision_of(const graph::GoalGraph& graph, at::Device device) {
  return graph.run.precision == graph::Precision::Bf16 && is_bf16_fast(device) ? at::kBFloat16 : at::kFloat;
}

at::ScalarType precision_of(const graph::GoalGraph& graph, at::Device device, Log& log) {
  const at::ScalarType type = precision_of(graph, device);
  if (graph.run.precision == graph::Precision::Bf16 && type == at::kFloat)
    log.note_once("precision: f32 in place of bf16, which is slower on this processor (it has no AVX-512)");
  return type;
}

std::string_view name_of_precision(at::ScalarType type) {
  return graph::name_of(type == at::kBFloat16 ? graph::Precision::Bf16 : graph::Precision::F32);
}

}  // namespace weft::run
