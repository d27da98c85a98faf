#include "framework/nn/layers.h"

#include <ATen/ops/reflection_pad2d.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

namespace weft::nn {

at::Tensor enter(const at::Tensor& x, at::ScalarType type) {
  return laid_out(x.to(type), type);
}

MapOrIds enter(const MapOrIds& x, at::ScalarType type) {
  if (!x.is_one_hot()) return enter(x.map(), type);
  const auto& own = x.one_hot();
  return own->type() == type ? x : MapOrIds(std::make_shared<const OneHot>(own->ids(), own->channels(), type));
}

at::Tensor widened(const at::Tensor& x) {
  return x.scalar_type() == at::kDouble ? x : x.to(at::kFloat);
}

at::Tensor reflection_pad(const at::Tensor& x, int64_t pixels) {
  // A copy needs no more digits than it copies; autocast would widen the map to float and narrow it again.
  const c10::impl::ExcludeDispatchKeyGuard as_it_is(c10::autocast_dispatch_keyset);
  return at::reflection_pad2d(x, {pixels, pixels, pixels, pixels});
}

}  // namespace weft::nn
