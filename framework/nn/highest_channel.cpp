#include "framework/nn/highest_channel.h"

#include "framework/base/error.h"

#include <ATen/ops/isfinite.h>
#include <ATen/ops/max.h>

namespace weft::nn {

at::Tensor highest_channel(const at::Tensor& scores) {
  const auto [highest, channel] = scores.detach().max(1, /*keepdim=*/true);
  if (!at::isfinite(highest).all().item<bool>())
    throw Error(Exit::NotFinite, "the class scores have numbers that are not finite");
  return channel;
}

}  // namespace weft::nn
