#include "framework/nn/one_hot_conv.h"

#include "framework/nn/one_hot_kernels.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/ivalue.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cassert>
#include <limits>

namespace weft::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

/// One convolution: what its gradient needs again.
struct Call : torch::CustomClassHolder {
  Call(const OneHot& map, TapAxis of_rows, TapAxis of_columns)
      : ones(map), rows(std::move(of_rows)), columns(std::move(of_columns)), sizes(map.sizes()), type(map.type()) {}

  GatherLoops loops(int64_t outputs) const {
    return {ones, rows, columns, sizes[0], sizes[2], sizes[3], sizes[1], outputs};
  }

  Ones ones;
  TapAxis rows, columns;
  std::vector<int64_t> sizes;  ///< of the map
  at::ScalarType type;
};

/// The weights with the numbers of a column side by side, and their sums along the rows of the kernel:
/// [O, C, k, k] -> [k, k + 1, C, padded O].
at::Tensor columns_of(const at::Tensor& weight, at::ScalarType type) {
  const int64_t outputs = weight.size(0);
  const at::Tensor columns = weight.to(type).permute({2, 3, 1, 0}).to(at::kFloat);
  const at::Tensor with_sums = at::cat({columns, columns.sum(1, /*keepdim=*/true)}, 1);
  return at::constant_pad_nd(with_sums, {0, GatherLoops::padded(outputs) - outputs}).contiguous();
}

template <typename T>
void sum(const Call& call, const at::Tensor& bias, const at::Tensor& columns, const at::Tensor& result) {
  call.loops(result.size(1))
      .sum<T>(bias.const_data_ptr<float>(), columns.const_data_ptr<float>(),
              {result.mutable_data_ptr<T>(), result.stride(1), result.stride(3), result.stride(2), result.stride(0)});
}

struct GatheredConv2d : torch::autograd::Function<GatheredConv2d> {
  static at::Tensor forward(AutogradContext* saved, const at::Tensor& weight, const at::Tensor& bias,
                            const c10::intrusive_ptr<Call>& call) {
    saved->saved_data["call"] = c10::IValue::make_capsule(call);
    saved->save_for_backward({weight});
    const int64_t outputs = weight.size(0);
    const at::Tensor start =
        at::constant_pad_nd(bias.to(call->type).to(at::kFloat), {0, GatherLoops::padded(outputs) - outputs});
    at::Tensor result = at::empty({call->sizes[0], outputs, call->rows.outputs(), call->columns.outputs()},
                                  weight.options().dtype(call->type), weight.suggest_memory_format());
    const at::Tensor columns = columns_of(weight, call->type);
    call->type == at::kFloat ? sum<float>(*call, start, columns, result)
                             : sum<at::BFloat16>(*call, start, columns, result);
    return result;
  }

  static tensor_list backward(AutogradContext* saved, tensor_list gradients) {
    const auto capsule = saved->saved_data["call"].toCapsule();
    const auto* call = static_cast<const Call*>(capsule.get());
    const at::Tensor weight = saved->get_saved_variables()[0];
    const at::Tensor gradient = gradients[0].to(at::kFloat).permute({0, 2, 3, 1}).contiguous();  // [B, H, W, O]
    const int64_t taps = weight.size(3);
    const at::Tensor sums = at::zeros({weight.size(2), taps + 1, weight.size(1), weight.size(0)}, at::kDouble);
    call->loops(weight.size(0)).add_gradient(gradient.const_data_ptr<float>(), sums.mutable_data_ptr<double>());
    const at::Tensor of_taps = sums.narrow(1, 0, taps) + sums.narrow(1, taps, 1);  // [k, k, C, O]
    const at::Tensor of_weight = at::empty_like(weight).copy_(of_taps.permute({3, 2, 0, 1}));
    return {of_weight, gradient.sum({0, 1, 2}).to(weight.scalar_type()), at::Tensor()};
  }
};

/// A pixel that may lie outside, as one of the map, or kZero.
int32_t within(int64_t pixel, int64_t size, TapAxis::Border border) {
  if (pixel >= 0 && pixel < size) return static_cast<int32_t>(pixel);
  if (border == TapAxis::Border::Zeros) return TapAxis::kZero;
  return static_cast<int32_t>(pixel < 0 ? -pixel : 2 * (size - 1) - pixel);
}

}  // namespace

TapAxis::TapAxis(int64_t size, int64_t kernel, int64_t stride, int64_t dilation, int64_t before, int64_t after,
                 Border border)
    : kernel_(kernel), dilation_(dilation) {
  assert(border == Border::Zeros || std::max(before, after) < size);
  const int64_t outputs = (size + before + after - (kernel - 1) * dilation - 1) / stride + 1;
  for (int64_t output = 0; output < outputs; ++output) {
    for (int64_t tap = 0; tap < kernel; ++tap)
      pixels_.push_back(within(output * stride + tap * dilation - before, size, border));
  }
}

bool can_gather(const OneHot& x, const at::Tensor& weight) {
  const auto has_kernel = [](at::ScalarType type) { return type == at::kFloat || type == at::kBFloat16; };
  const bool has_room = x.ids().numel() <= std::numeric_limits<int32_t>::max();  // the numbers in Ones
  return has_room && weight.size(1) == x.sizes()[1] && x.ids().is_cpu() && weight.is_cpu() && has_kernel(x.type()) &&
         has_kernel(weight.scalar_type());
}

at::Tensor gathered_conv2d(const OneHot& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias,
                           TapAxis rows, TapAxis columns) {
  const at::Tensor start = bias ? *bias : at::zeros({weight.size(0)}, weight.options());
  return GatheredConv2d::apply(weight, start, c10::make_intrusive<Call>(x, std::move(rows), std::move(columns)));
}

}  // namespace weft::nn
