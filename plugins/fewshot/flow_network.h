#pragma once

#include "plugins/fewshot/spade_block.h"

#include <memory>
#include <vector>

namespace weft::fewshot {

struct FlowOptions {
  Pyramid pyramid{.features = 32, .down = 3};
  int64_t in = 0;
  int64_t blocks = 6;
  Norms norms;
  double range = 20;  ///< pixels of flow for a value of 1 in the last layer
};

/// Flow from another frame to the current one, and the weight of the generated image against the warped one.
///
/// Keys down_flow.{0,2,…}.*, res_flow.{k}.*, up_flow.{1,4,…}.*, conv_flow.0.*, conv_mask.0.*.
/// Source: Wang et al. 2019, "Few-shot Video-to-Video Synthesis", appendix A.
class FlowNetwork : public nn::Module {
 public:
  FlowNetwork(nn::Module& parent, std::string name, const FlowOptions& options);

  struct Result {
    at::Tensor flow;  ///< [B, 2, H, W] in pixels
    at::Tensor mask;  ///< [B, 1, H, W] in [0, 1]; 1 where the image is generated
  };
  /// @param x  [B, in, H, W]: the current labels, other labels, their images; H and W multiples of 2^down
  Result operator()(const at::Tensor& x) const;

 private:
  double range_;
  std::vector<std::unique_ptr<FlowLayer>> down_, up_;
  std::vector<std::unique_ptr<ResidualBlock>> blocks_;
  std::unique_ptr<nn::Conv2d> to_flow_, to_mask_;
};

}  // namespace weft::fewshot
