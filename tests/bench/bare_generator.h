#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

namespace weft::bench {

/// vid2vid's generator at one scale with foreground, as plain LibTorch calls: what a program would write that does
/// just this. graphs/parts/scale.toml makes the same calls.
class BareGenerator {
 public:
  enum class Style {
    AsWeft,      ///< the calls that weft's nodes make, in the type and layout of the parameters
    AsOriginal,  ///< float, channel by channel, batch_norm in training mode, as PyTorch runs the original
  };
  using Parameters = std::map<std::string, at::Tensor>;
  struct Size {
    int64_t down = 3, blocks = 9;
  };

  BareGenerator(Parameters parameters, Style style, Size size);

  struct Drawn {
    at::Tensor image, raw;  ///< [1, 3, H, W]
    at::Tensor flow;        ///< [1, 2, H, W]
  };
  /// @param s           L + 1 frames [1, C, H, W]
  /// @param past        L frames [1, 3, H, W], the newest last
  /// @param foreground  mask [1, 1, H, W]
  Drawn draw(const std::vector<at::Tensor>& s, const std::vector<at::Tensor>& past, const at::Tensor& foreground) const;
  at::ScalarType precision() const { return parameter("model_down_seg.1.weight").scalar_type(); }

 private:
  const at::Tensor& parameter(const std::string& key) const { return parameters_.at(key); }
  at::Tensor enter(const at::Tensor& x) const;
  at::Tensor norm(const at::Tensor& x, const std::string& key) const;
  at::Tensor conv(const at::Tensor& x, const std::string& key, int64_t stride = 1, int64_t padding = 0) const;
  at::Tensor conv7(const at::Tensor& x, const std::string& key) const;
  at::Tensor half(const at::Tensor& x, const std::string& module, int64_t index) const;
  at::Tensor twice(const at::Tensor& x, const std::string& module, int64_t index) const;
  at::Tensor block(const at::Tensor& x, const std::string& key) const;
  at::Tensor encode(const at::Tensor& x, const std::string& module, int64_t blocks) const;
  at::Tensor decode(at::Tensor x, const std::string& res, const std::string& up, int64_t blocks) const;

  Parameters parameters_;
  Style style_;
  Size size_;
};

/// The image [B, 3, H, W] where a backward flow [B, 2, H, W] in pixels points to.
at::Tensor warp(const at::Tensor& image, const at::Tensor& flow);

}  // namespace weft::bench
