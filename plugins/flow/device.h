#pragma once

#include <ATen/core/Tensor.h>

#include <cassert>

#ifdef WEFT_HAS_CUDA
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>
#endif

namespace weft::flow {

#ifdef WEFT_HAS_CUDA
inline constexpr bool kHasCuda = true;
#else
inline constexpr bool kHasCuda = false;
#endif

/// Whether this build has a kernel for where a tensor is.
inline bool has_kernel(const at::Tensor& tensor) {
  return tensor.is_cpu() || (kHasCuda && tensor.is_cuda());
}

/// Calls `kernel(stream)` with the device of `tensor` current, where has_kernel() is true of it. A kernel that takes `auto*`
/// is compiled where there is CUDA code to call, and nowhere else.
template <typename Kernel>
void on_gpu(const at::Tensor& tensor, const Kernel& kernel) {
#ifdef WEFT_HAS_CUDA
  const c10::cuda::CUDAGuard device(tensor.device());
  kernel(static_cast<void*>(c10::cuda::getCurrentCUDAStream().stream()));
#else
  static_cast<void>(tensor);
  static_cast<void>(kernel);
  assert(has_kernel(tensor));
#endif
}

/// `x` in the form that the operators need: float (double stays double) and contiguous.
inline at::Tensor as_input(const at::Tensor& x) {
  return (x.scalar_type() == at::kDouble ? x : x.to(at::kFloat)).contiguous();
}

}  // namespace weft::flow
