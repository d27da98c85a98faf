#include "plugins/flow/device.h"
#include "plugins/flow/operators.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <torch/csrc/autograd/custom_function.h>

namespace weft::flow {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

constexpr double kSmallest = 1e-9;  // keeps the gradient finite where the length is 0, as in the original

/// LibTorch's norm is one kernel on each device; only its gradient, which is not defined at 0, is made here.
struct ChannelNorm : torch::autograd::Function<ChannelNorm> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x) {
    const at::Tensor length = at::linalg_vector_norm(x, 2, at::IntArrayRef{1}, /*keepdim=*/true);
    context->save_for_backward({x, length});
    return length;
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    return {gradients[0] * saved[0] / (saved[1] + kSmallest)};
  }
};

/// The norm as a node.
struct ChannelNormNode {
  static constexpr auto about =
      "L2 norm of the channels at each pixel: the speed of a flow, or the size of a difference of images";

  Out<"length", "feature[B,1,H,W]"> run(In<"in", "feature[B,C,H,W]"> in) { return channel_norm(*in); }
};

}  // namespace

at::Tensor channel_norm(const at::Tensor& x) {
  return ChannelNorm::apply(as_input(x));
}

void add_channel_norm(Registry& registry) {
  registry.add<ChannelNormNode>("flow.channel_norm");
}

}  // namespace weft::flow
