#include "framework/nn/conv.h"

#include <ATen/ops/conv2d.h>
#include <ATen/ops/conv3d.h>
#include <ATen/ops/conv_transpose2d.h>

#include <algorithm>

namespace weft::nn {
namespace {

LayerWeightsOptions weights_of(const ConvOptions& options, size_t axes, bool is_transposed) {
  LayerWeightsOptions weights{.out_axis = is_transposed ? 1 : 0,
                              .out = options.bias ? options.out : 0,
                              .spectral_norm = options.spectral_norm,
                              .weight_init = options.weight_init,
                              .bias_init = options.bias_init};
  weights.shape = is_transposed ? std::vector<int64_t>{options.in, options.out / options.groups}
                                : std::vector<int64_t>{options.out, options.in / options.groups};
  for (size_t axis = 0; axis < axes; ++axis) weights.shape.push_back(options.kernel[axis]);
  return weights;
}

}  // namespace

Convolution::Convolution(Module& parent, std::string name, ConvOptions options, size_t axes, Kind kind)
    : Module(parent, std::move(name)),
      options_(options),
      weights_(*this, weights_of(options, axes, kind == Kind::Transposed)) {}

Conv2d::Conv2d(Module& parent, std::string name, ConvOptions options)
    : Convolution(parent, std::move(name), options, 2, Kind::Forward) {}

at::Tensor Conv2d::operator()(const at::Tensor& x) const {
  const EvenlyPadded padded = evenly_padded(x, options().padding, sweep(), 0);
  return at::conv2d(padded.map, weights().weight(), weights().bias(), options().stride.list(), padded.list(),
                    options().dilation.list(), options().groups);
}

Conv3d::Conv3d(Module& parent, std::string name, ConvOptions options)
    : Convolution(parent, std::move(name), options, 3, Kind::Forward) {}

at::Tensor Conv3d::operator()(const at::Tensor& x) const {
  const EvenlyPadded padded = evenly_padded(x, options().padding, sweep(), 0);
  return at::conv3d(padded.map, weights().weight(), weights().bias(), options().stride.list(), padded.list(),
                    options().dilation.list(), options().groups);
}

ConvTranspose2d::ConvTranspose2d(Module& parent, std::string name, ConvOptions options)
    : Convolution(parent, std::move(name), options, 2, Kind::Transposed) {}

at::Tensor ConvTranspose2d::operator()(const at::Tensor& x) const {
  const Padding::Sides off = options().padding.of_transposed(x, sweep());
  // LibTorch takes as much off both sides; what the far side has less of is output padding, and the rest is cut off.
  std::array<int64_t, 2> more{};
  for (size_t axis = 0; axis < 2; ++axis)
    more[axis] = options().output_padding[axis] + std::max<int64_t>(off.before[axis] - off.after[axis], 0);
  at::Tensor y =
      at::conv_transpose2d(x, weights().weight(), weights().bias(), options().stride.list(),
                           at::IntArrayRef(off.before.data(), 2), more, options().groups, options().dilation.list());
  for (size_t axis = 0; axis < 2; ++axis) {
    const int64_t surplus = off.after[axis] - off.before[axis], dim = static_cast<int64_t>(axis) + 2;
    if (surplus > 0) y = y.narrow(dim, 0, y.size(dim) - surplus);
  }
  return y;
}

}  // namespace weft::nn
