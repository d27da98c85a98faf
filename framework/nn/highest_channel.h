#pragma once

#include <ATen/core/Tensor.h>

namespace weft::nn {

/// The number of the channel with the highest score of each pixel: [B,C,H,W] -> ids [B,1,H,W], without gradients.
/// @throws Error  (NotFinite) where the highest score of a pixel is not finite: a class would hide it
at::Tensor highest_channel(const at::Tensor& scores);

}  // namespace weft::nn
