#include "tests/device/simulated/kernels.h"

#include <ATen/autocast_mode.h>
#include <torch/library.h>

namespace weft::simulated {

void register_autocast() {
  using torch::Library;
  static Library everything(Library::IMPL, "_", c10::DispatchKey::AutocastPrivateUse1, __FILE__, __LINE__);
  everything.fallback(torch::CppFunction::makeFallthrough());
  // LibTorch's list registers with `m`. Of its other lists the CPU has little, which is what the device is compared with.
  static Library m(Library::IMPL, "aten", c10::DispatchKey::AutocastPrivateUse1, __FILE__, __LINE__);
#define WEFT_LOWER_PRECISION(...) KERNEL_PRIVATEUSEONE(__VA_ARGS__, lower_precision_fp)
  AT_FORALL_LOWER_PRECISION_FP(WEFT_LOWER_PRECISION)
#undef WEFT_LOWER_PRECISION
#define WEFT_PROMOTE(...) KERNEL_PRIVATEUSEONE(__VA_ARGS__, promote)
  AT_FORALL_PROMOTE(WEFT_PROMOTE)
#undef WEFT_PROMOTE
}

}  // namespace weft::simulated
