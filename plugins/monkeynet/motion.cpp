#include "plugins/monkeynet/motion_network.h"
#include "plugins/monkeynet/node_parts.h"

#include <ATen/ops/stack.h>

namespace weft::monkeynet {
namespace {

/// Source: Siarohin et al. 2019, "Animating Arbitrary Objects via Deep Motion Transfer", section 3.2.
struct Motion : nn::Module {
  static constexpr auto about =
      "Monkey-Net dense motion: for each pixel of the driving frame its position in the source, x and y in [-1, 1], "
      "from "
      "the keypoints of both; `flow` is the same in pixels of its own size, from the pixel to its position";

  MotionOptions options;
  int64_t reduction = 1;
  double heatmap_divisor = 100;

  void params(Params& p) {
    add_params(p, options.hourglass);
    add_params(p, options.embedding, heatmap_divisor);
    p("deformed_source", options.embedding.has_deformed_source,
      "whether it sees the source moved by the shift of each keypoint (use_deformed_source_image)");
    p("group_blocks", options.group_blocks, "blocks that see each keypoint by itself (num_group_blocks)")
        .min(0)
        .max(16);
    p("masks", options.has_masks, "each pixel moves by a mean of the shifts of keypoints (use_mask)");
    p("correction", options.has_correction, "a free shift of each pixel is added (use_correction)");
    add_reduction(p, reduction);
  }

  void shape(Shapes& shapes) const {
    if (!options.embedding.has_heatmap && !options.embedding.has_shift && !options.embedding.has_deformed_source) {
      throw Error(Exit::Graph, "monkeynet.motion sees nothing of the keypoints")
          .hint("set `heatmaps`, `shifts` or `deformed_source`");
    }
    if (!options.has_masks && !options.has_correction) {
      throw Error(Exit::Graph, "monkeynet.motion moves nothing").hint("set `masks` or `correction`");
    }
    shapes.set('M', shapes['H'] / reduction);
    shapes.set('N', shapes['W'] / reduction);
  }

  void build(const Shapes& shapes) {
    check_sides("monkeynet.motion", shapes, reduction, options.hourglass.blocks);
    options.scale = 1 / static_cast<double>(reduction);
    options.embedding.keypoints = shapes.known("K");
    options.embedding.divisor = divisor_of(heatmap_divisor);
    network_.emplace(*this, "dense_motion_module", options);
  }

  std::tuple<Out<"motion", "feature[B,2,M,N]">, Out<"flow", "flow[B,2,M,N]">> run(
      In<"image", "image[B,3,H,W]"> image, In<"source", "feature[B,K,5]"> source,
      In<"driving", "feature[B,K,5]"> driving, Context& context) {
    const at::Tensor position =
        (*network_)(clip_of(*image), unpacked(*source), unpacked(*driving), context.precision()).squeeze(1);
    const int64_t height = position.size(1), width = position.size(2);
    const at::Tensor shift = position - pixel_grid(height, width, position.options());  // [B, M, N, 2]
    const at::Tensor x = shift.select(-1, 0) * (static_cast<double>(width - 1) / 2),
                     y = shift.select(-1, 1) * (static_cast<double>(height - 1) / 2);
    return {position.permute({0, 3, 1, 2}), at::stack({x, y}, 1)};
  }

 private:
  std::optional<MotionNetwork> network_;
};

}  // namespace

void add_motion(Registry& registry) {
  registry.add<Motion>("monkeynet.motion");
}

}  // namespace weft::monkeynet
