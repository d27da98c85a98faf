#pragma once

#include <weft/backbones.h>
#include <weft/node.h>

#include <optional>

namespace weft::metric {

/// LPIPS as a part of a node: its parameters, and the network.
struct LpipsOptions {
  backbones::Lpips::Net net = backbones::Lpips::Net::Alex;
  backbones::FiveTaps::Keys keys = backbones::FiveTaps::Keys::Features;
  Path linear;

  void declare(Params& p);
  /// Makes the network in `node`; reads the linear weights where `linear` names their file.
  /// @throws Error  (Data) for a file without them
  void build(nn::Module& node);
  /// The distance of each pair: [B], float.
  /// @param a, b  [B, 3, H, W] in [-1, 1]
  /// @throws Error  (Graph) for images that are too small
  at::Tensor distance(const at::Tensor& a, const at::Tensor& b, const Context& context) const;

 private:
  std::optional<backbones::Lpips> network_;
};

}  // namespace weft::metric
