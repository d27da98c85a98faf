#include "tests/bench/bare_generator.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/conv_transpose2d.h>
#include <ATen/ops/grid_sampler_2d.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/native_group_norm.h>
#include <ATen/ops/reflection_pad2d.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tanh.h>

namespace weft::bench {

at::Tensor warp(const at::Tensor& image, const at::Tensor& flow) {
  const int64_t height = image.size(2), width = image.size(3);
  const at::Tensor columns = at::linspace(-1, 1, width, flow.options()).view({1, 1, width});
  const at::Tensor rows = at::linspace(-1, 1, height, flow.options()).view({1, height, 1});
  const at::Tensor x = columns + flow.select(1, 0) * (2.0 / static_cast<double>(width - 1));
  const at::Tensor y = rows + flow.select(1, 1) * (2.0 / static_cast<double>(height - 1));
  return at::grid_sampler_2d(image, at::stack({x, y}, 3), 0, 1, true);
}

BareGenerator::BareGenerator(Parameters parameters, Style style, Size size)
    : parameters_(std::move(parameters)), style_(style), size_(size) {}

at::Tensor BareGenerator::enter(const at::Tensor& x) const {
  const at::ScalarType type = precision();
  return x.to(type).contiguous(type == at::kFloat ? at::MemoryFormat::Contiguous : at::MemoryFormat::ChannelsLast);
}

at::Tensor BareGenerator::norm(const at::Tensor& x, const std::string& key) const {
  const at::Tensor &weight = parameter(key + ".weight"), &bias = parameter(key + ".bias");
  if (style_ == Style::AsOriginal) {
    const at::Tensor &mean = parameter(key + ".running_mean"), &variance = parameter(key + ".running_var");
    return at::batch_norm(x, weight, bias, mean, variance, true, 0.1, 1e-5, false);
  }
  const int64_t channels = x.size(1), pixels = x.size(2) * x.size(3);
  return std::get<0>(at::native_group_norm(x, weight, bias, 1, channels, pixels, channels, 1e-5));
}

at::Tensor BareGenerator::conv(const at::Tensor& x, const std::string& key, int64_t stride, int64_t padding) const {
  return at::conv2d(x, parameter(key + ".weight"), parameter(key + ".bias"), stride, padding);
}

at::Tensor BareGenerator::conv7(const at::Tensor& x, const std::string& key) const {
  return conv(at::reflection_pad2d(x, {3, 3, 3, 3}), key);
}

at::Tensor BareGenerator::half(const at::Tensor& x, const std::string& module, int64_t index) const {
  const std::string key = module + '.' + std::to_string(index), next = module + '.' + std::to_string(index + 1);
  return norm(conv(x, key, 2, 1), next).relu_();
}

at::Tensor BareGenerator::twice(const at::Tensor& x, const std::string& module, int64_t index) const {
  const std::string key = module + '.' + std::to_string(index), next = module + '.' + std::to_string(index + 1);
  return norm(at::conv_transpose2d(x, parameter(key + ".weight"), parameter(key + ".bias"), 2, 1, 1), next).relu_();
}

at::Tensor BareGenerator::block(const at::Tensor& x, const std::string& key) const {
  const auto padded = [](const at::Tensor& y) { return at::reflection_pad2d(y, {1, 1, 1, 1}); };
  const std::string layer = key + ".conv_block.";
  const at::Tensor inner = norm(conv(padded(x), layer + "1"), layer + "2").relu_();
  return norm(conv(padded(inner), layer + "5"), layer + "6").add_(x);
}

at::Tensor BareGenerator::encode(const at::Tensor& x, const std::string& module, int64_t blocks) const {
  at::Tensor y = norm(conv7(x, module + ".1"), module + ".2").relu_();
  for (int64_t i = 0; i < size_.down; ++i) y = half(y, module, 4 + 3 * i);
  for (int64_t i = 0; i < blocks; ++i) y = block(y, module + '.' + std::to_string(4 + 3 * size_.down + i));
  return y;
}

at::Tensor BareGenerator::decode(at::Tensor x, const std::string& res, const std::string& up, int64_t blocks) const {
  for (int64_t i = 0; i < blocks; ++i) x = block(x, res + '.' + std::to_string(i));
  for (int64_t i = 0; i < size_.down; ++i) x = twice(x, up, 3 * i);
  return x;
}

BareGenerator::Drawn BareGenerator::draw(const std::vector<at::Tensor>& s, const std::vector<at::Tensor>& past,
                                         const at::Tensor& foreground) const {
  const at::Tensor conditions = enter(at::cat(s, 1)), frames = enter(at::cat(past, 1));
  const int64_t in_branch = size_.blocks / 2, in_trunk = size_.blocks - in_branch;
  const at::Tensor trunk =
      encode(conditions, "model_down_seg", in_trunk).add_(encode(frames, "model_down_img", in_trunk));

  const at::Tensor drawn = decode(trunk, "model_res_img", "model_up_img", in_branch);
  const at::Tensor image = at::tanh(conv7(drawn, "model_final_img.1")).to(at::kFloat);
  const at::Tensor moved = decode(trunk, "model_res_flow", "model_up_flow", in_branch);
  const at::Tensor flow = conv7(moved, "model_final_flow.1").to(at::kFloat) * 20;
  const at::Tensor mask = at::sigmoid(conv7(moved, "model_final_w.1")).to(at::kFloat);
  const at::Tensor background = at::lerp(warp(past.back(), flow), image, mask);

  const at::Tensor inner = encode(conditions, "indv_down", 0);
  const at::Tensor front = decode(inner, "indv_res", "indv_up", size_.blocks);
  const at::Tensor things = at::tanh(conv7(front, "indv_final.1")).to(at::kFloat);
  return {at::lerp(background, things, foreground), at::lerp(image, things, foreground), flow};
}

}  // namespace weft::bench
