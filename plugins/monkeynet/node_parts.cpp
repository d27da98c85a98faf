#include "plugins/monkeynet/node_parts.h"

namespace weft::monkeynet {
namespace {

constexpr int64_t kMostFeatures = 16384, kMostBlocks = 12, kMostReduction = 64;

}  // namespace

at::Tensor clip_of(const at::Tensor& image) {
  return ((image + 1) / 2).unsqueeze(2);
}

at::Tensor image_of(const at::Tensor& clip) {
  return clip.squeeze(2) * 2 - 1;
}

void add_params(Params& p, HourglassOptions& options) {
  p("features", options.base, "channels at full size (block_expansion); each halving doubles them")
      .min(1)
      .max(kMostFeatures);
  p("most_features", options.widest, "the most channels of a map (max_features)").min(1).max(kMostFeatures);
  p("blocks", options.blocks, "halvings of the maps (num_blocks)").min(1).max(kMostBlocks);
}

void add_params(Params& p, EmbeddingOptions& options, double& divisor) {
  using enum EmbeddingOptions::Heatmap;
  p("heatmaps", options.has_heatmap, "whether it sees the heatmaps of keypoints (use_heatmap)");
  p("heatmap", options.heatmap, "of the driving keypoints, or their difference from those of the source (heatmap_type)",
    {{"gaussian", Gaussian}, {"difference", Difference}});
  p("heatmap_divisor", divisor, "divisor of heatmaps (norm_const); 0: the sum of each").min(0);
  p("shifts", options.has_shift, "whether it sees the shift of each keypoint (use_difference)");
}

std::optional<double> divisor_of(double number) {
  return number == 0 ? std::nullopt : std::optional<double>(number);
}

void add_reduction(Params& p, int64_t& reduction) {
  p("reduction", reduction, "frames are seen at 1 / reduction of their size (scale_factor is its reciprocal)")
      .min(1)
      .max(kMostReduction);
}

void check_sides(std::string_view node, const Shapes& shapes, int64_t reduction, int64_t blocks) {
  const int64_t height = shapes.known("H"), width = shapes.known("W"), multiple = reduction << blocks;
  if (height % multiple == 0 && width % multiple == 0) return;
  throw Error(Exit::Graph, text(node, " needs a height and a width that are multiples of ", multiple, ", which is 2^",
                                blocks, " times `reduction`, but got ", height, 'x', width))
      .hint("resize the frames where they are read, or with image.resize");
}

}  // namespace weft::monkeynet
