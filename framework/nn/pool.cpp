#include "framework/nn/pool.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/avg_pool3d.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/max_pool3d.h>
#include <ATen/ops/ones.h>

#include <limits>

namespace weft::nn {
namespace {

PerAxis stride_of(const PoolOptions& options) {
  return options.stride.value_or(options.kernel);
}

/// @param divisor  of the sums, in place of how many pixels the kernel has
at::Tensor means(const at::Tensor& x, const PoolOptions& options, at::IntArrayRef both_sides,
                 std::optional<int64_t> divisor = {}) {
  const auto pool = x.dim() == 5 ? at::avg_pool3d : at::avg_pool2d;
  return pool(x, options.kernel.list(), stride_of(options).list(), both_sides, options.ceil_mode,
              options.count_include_pad, divisor);
}

}  // namespace

at::Tensor max_pool(const at::Tensor& x, const PoolOptions& options) {
  const PerAxis stride = stride_of(options);
  const EvenlyPadded padded =
      evenly_padded(x, options.padding, {options.kernel, stride}, -std::numeric_limits<double>::infinity());
  const auto pool = x.dim() == 5 ? at::max_pool3d : at::max_pool2d;
  return pool(padded.map, options.kernel.list(), stride.list(), padded.list(), 1, options.ceil_mode);
}

at::Tensor average_pool(const at::Tensor& x, const PoolOptions& options) {
  const Padding::Sides sides = options.padding.of(x, {options.kernel, stride_of(options)});
  const auto both_sides = sides.least();
  if (sides.is_even()) return means(x, options, {both_sides.data(), sides.axes});
  if (options.count_include_pad) return means(bordered(x, sides, 0), options, 0);
  // Sums over counts of pixels that lie on the map: LibTorch leaves out only a border that is even.
  const auto sums = [&](const at::Tensor& map) { return means(bordered(map, sides, 0), options, 0, 1); };
  std::vector<int64_t> one_channel = x.sizes().vec();
  one_channel[0] = one_channel[1] = 1;
  return sums(x) / sums(at::ones(one_channel, x.options()));
}

}  // namespace weft::nn
