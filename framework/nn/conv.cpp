#include "framework/nn/conv.h"

#include "framework/nn/layers.h"

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

/// The map of what has been entered, in the layout of its type.
at::Tensor entered_map(const MapOrIds& x) {
  return x.is_one_hot() ? enter(x.map(), x.one_hot()->type()) : x.map();
}

}  // namespace

Convolution::Convolution(Module& parent, std::string name, ConvOptions options, size_t axes, Kind kind)
    : Module(parent, std::move(name)),
      options_(options),
      weights_(*this, weights_of(options, axes, kind == Kind::Transposed)) {}

Conv2d::Conv2d(Module& parent, std::string name, ConvOptions options)
    : Convolution(parent, std::move(name), options, 2, Kind::Forward) {}

at::Tensor Conv2d::convolved(const at::Tensor& x, const at::Tensor& weight) const {
  const EvenlyPadded padded = evenly_padded(x, options().padding, sweep(), 0);
  return at::conv2d(padded.map, weight, weights().bias(), options().stride.list(), padded.list(),
                    options().dilation.list(), options().groups);
}

bool Conv2d::gathers(const MapOrIds& x, const at::Tensor& weight, const Padding& padding) const {
  if (!x.is_one_hot() || options().groups > 1 || !can_gather(*x.one_hot(), weight)) return false;
  const Padding::Sides sides = padding.of(x.one_hot()->ids(), sweep());
  for (size_t axis = 0; axis < 2; ++axis) {
    const int64_t pixels = x.size(axis + 2) + sides.before[axis] + sides.after[axis];
    if (pixels <= (options().kernel[axis] - 1) * options().dilation[axis]) return false;  // conv2d says what is wrong
  }
  return true;
}

at::Tensor Conv2d::gathered(const OneHot& x, const at::Tensor& weight, const Padding& padding,
                            TapAxis::Border border) const {
  const Padding::Sides sides = padding.of(x.ids(), sweep());
  const auto along = [&](size_t axis) {
    return TapAxis(x.sizes()[axis + 2], options().kernel[axis], options().stride[axis], options().dilation[axis],
                   sides.before[axis], sides.after[axis], border);
  };
  return gathered_conv2d(x, weight, weights().bias(), along(0), along(1));
}

at::Tensor Conv2d::operator()(const at::Tensor& x) const {
  return convolved(x, weights().weight());
}

at::Tensor Conv2d::operator()(const MapOrIds& x) const {
  const at::Tensor weight = weights().weight();
  if (gathers(x, weight, options().padding))
    return gathered(*x.one_hot(), weight, options().padding, TapAxis::Border::Zeros);
  return convolved(entered_map(x), weight);
}

at::Tensor Conv2d::reflected(const MapOrIds& x, int64_t pixels) const {
  const at::Tensor weight = weights().weight();
  const bool is_large = pixels < std::min(x.size(2), x.size(3));  // of smaller maps reflection_pad says what is wrong
  if (is_large && gathers(x, weight, pixels)) return gathered(*x.one_hot(), weight, pixels, TapAxis::Border::Reflected);
  return convolved(reflection_pad(entered_map(x), pixels), weight);
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
