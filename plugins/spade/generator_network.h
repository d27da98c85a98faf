#pragma once

#include "plugins/spade/spade_norm.h"

#include <array>
#include <memory>
#include <vector>

namespace weft::spade {

/// The shape of a SPADE generator.
struct GeneratorOptions {
  /// How often maps are doubled: five, six or seven times.
  enum class Upsampling { Normal, More, Most };

  int64_t features = 64;
  Upsampling upsampling = Upsampling::Normal;
  int64_t crop_size = 256;  ///< width of the image, in pixels, where it is a multiple of the smallest grid
  double aspect_ratio = 1;  ///< width of the image to its height
  bool uses_code = false;   ///< begins with a vector instead of the segmentation
  int64_t code = 256;       ///< numbers of that vector
  SpadeOptions spade;

  int64_t doublings() const { return 5 + static_cast<int64_t>(upsampling); }
  /// Height and width of the smallest grid; one may be 0 where crop_size is too small.
  std::array<int64_t, 2> grid() const;
};

/// SPADE's generator: residual blocks, whose norms see the segmentation, with a doubling of the maps between them.
///
/// Keys fc.*, head_0.*, G_middle_{0,1}.*, up_{0,1,2,3}.*, up_4.* (Most), conv_img.*. The image has the size of the grid times
/// 2^doublings, whatever the size of the segmentation.
/// Source: Park et al. 2019, "Semantic Image Synthesis with Spatially-Adaptive Normalization", appendix A.
class GeneratorNetwork : public nn::Module {
 public:
  GeneratorNetwork(nn::Module& parent, std::string name, const GeneratorOptions& options);

  struct Maps {
    at::Tensor head;   ///< of the first block, [B, 16 features, h, w]
    at::Tensor last;   ///< of the last block
    at::Tensor image;  ///< [B, 3, H, W] in [-1, 1]
  };
  /// @param segmentation  [B, labels, *, *]
  /// @param code          [B, code]; undefined without a code
  Maps operator()(const nn::MapOrIds& segmentation, const at::Tensor& code) const;

 private:
  enum class Doubling { No, Before };
  struct Stage {
    std::unique_ptr<SpadeBlock> block;
    Doubling doubling;
  };
  void add(const std::string& name, int64_t in, int64_t out, Doubling doubling);

  GeneratorOptions options_;
  std::optional<nn::Conv2d> from_segmentation_;
  std::optional<nn::Linear> from_code_;
  std::vector<Stage> stages_;
  std::optional<nn::Conv2d> to_image_;
};

}  // namespace weft::spade
