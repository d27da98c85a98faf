#pragma once

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <ATen/core/Tensor.h>

#ifdef WEFT_HAS_CUDA
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#endif

namespace weft::flow {

/// Calls `kernel(stream)` with the device of `tensor` current. A kernel that takes `auto*` is compiled where there is CUDA
/// code to call, and nowhere else.
/// @throws Error  when this build has no CUDA code
template <typename Kernel>
void on_gpu(const at::Tensor& tensor, const char* name, const Kernel& kernel) {
#ifdef WEFT_HAS_CUDA
  static_cast<void>(name);
  const c10::cuda::CUDAGuard device(tensor.device());
  kernel(static_cast<void*>(c10::cuda::getCurrentCUDAStream().stream()));
#else
  static_cast<void>(kernel);
  throw Error(Exit::Failed, text(name, " has no code for ", tensor.device().str(), " in this build"))
      .hint("build weft where nvcc is found, or run with --device cpu");
#endif
}

/// `x` in the form that the operators need: float (double stays double) and contiguous.
inline at::Tensor as_input(const at::Tensor& x) {
  return (x.scalar_type() == at::kDouble ? x : x.to(at::kFloat)).contiguous();
}

}  // namespace weft::flow
