#include "plugins/fewshot/flow_network.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/sigmoid.h>

namespace weft::fewshot {

FlowNetwork::FlowNetwork(nn::Module& parent, std::string name, const FlowOptions& options)
    : Module(parent, std::move(name)), range_(options.range) {
  const Norms& norms = options.norms;
  const auto channels = [&](int64_t level) { return options.pyramid.channels(level); };
  down_.push_back(std::make_unique<FlowLayer>(*this, "down_flow.0", options.in, channels(0), 1, norms));
  for (int64_t level = 0; level < options.pyramid.down; ++level) {
    down_.push_back(std::make_unique<FlowLayer>(*this, text("down_flow.", 2 * level + 2), channels(level),
                                                channels(level + 1), 2, norms));
  }
  const int64_t inner = channels(options.pyramid.down);
  for (int64_t block = 0; block < options.blocks; ++block) {
    blocks_.push_back(std::make_unique<ResidualBlock>(*this, text("res_flow.", block), inner, inner, 1,
                                                      BlockOptions{.norms = norms}));
  }
  int64_t place = 1;  // a doubling, a layer and an activation have three numbers
  for (int64_t level = options.pyramid.down - 1; level >= 0; --level, place += 3) {
    up_.push_back(
        std::make_unique<FlowLayer>(*this, text("up_flow.", place), channels(level + 1), channels(level), 1, norms));
  }
  to_flow_ = std::make_unique<nn::Conv2d>(*this, "conv_flow.0", conv_options(channels(0), 2, 3, false));
  to_mask_ = std::make_unique<nn::Conv2d>(*this, "conv_mask.0", conv_options(channels(0), 1, 3, false));
}

FlowNetwork::Result FlowNetwork::operator()(const at::Tensor& x) const {
  at::Tensor y = x;
  for (const auto& layer : down_) y = (*layer)(y);  // [B, channels(down), H / 2^down, W / 2^down]
  for (const auto& block : blocks_) y = (*block)(y);
  for (const auto& layer : up_) y = (*layer)(twice(y));  // [B, features, H, W]
  return {nn::widened((*to_flow_)(y)) * range_, at::sigmoid(nn::widened((*to_mask_)(y)))};
}

}  // namespace weft::fewshot
