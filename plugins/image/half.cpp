#include "framework/weights/shape_text.h"
#include <weft/nn.h>
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/empty.h>

#include <algorithm>

namespace weft::image {
namespace {

/// One step down the pyramid of the coarse-to-fine generators.
///
/// Each pixel is the mean of the 3x3 pixels around every second one, or of 2x2 pixels; pixels outside of the map do not
/// count.
///
/// Source: Wang et al. 2018, "High-Resolution Image Synthesis and Semantic Manipulation with Conditional
/// GANs", whose pyramid the generators of "Video-to-Video Synthesis" share.
struct Half {
  static constexpr auto about =
      "Downsamples a map by two: means over 3x3 pixels around every second pixel, as in the image pyramid of the 2018 "
      "generators; values are not scaled, so a flow still counts pixels of the larger size";

  int64_t window = 3;
  void params(Params& p) {
    p("window", window, "side of the square whose mean a pixel becomes: 3, or 2 as in the pyramid of prediction.s2s")
        .min(2)
        .max(3);
  }

  Out<"half", "like in[B,C,H/2,W/2]"> run(In<"in", "any[B,C,H,W]"> in) {
    const nn::MapOrIds map = in.map_or_ids();
    if (!map.is_one_hot() && !in->is_floating_point()) {
      throw Error(Exit::Graph, "image.half computes means, but its input holds ids, which have none")
          .hint("image.resize with factor = 0.5 and method = \"nearest\" halves labels and instances");
    }
    if (map.size(2) % 2 != 0 || map.size(3) % 2 != 0) {
      throw Error(Exit::Graph,
                  text("image.half needs an even height and width, but got ", weights::shape_text(map.sizes())))
          .hint("bring the input to a multiple of 32 where it is read, or with image.resize");
    }
    return map.is_one_hot() ? half_of(*map.one_hot()) : half_of(map.map());
  }

 private:
  at::Tensor half_of(const at::Tensor& map) const {
    const int64_t border = window - 2;
    return at::avg_pool2d(map, window, 2, border, /*ceil_mode=*/false, /*count_include_pad=*/false);
  }

  /// The same of a one-hot map by its ids, a few channels at a time: the whole map is large and not needed.
  at::Tensor half_of(const nn::OneHot& map) const {
    constexpr int64_t kChannels = 8;
    const std::vector<int64_t>& sizes = map.sizes();
    at::Tensor half = at::empty({sizes[0], sizes[1], sizes[2] / 2, sizes[3] / 2}, map.ids().options().dtype(map.type()),
                                nn::layout_of(map.type()));
    int64_t done = 0;
    for (size_t group = 0; group < map.channels().size(); ++group) {
      const at::Tensor ids = map.ids().narrow(1, static_cast<int64_t>(group), 1);
      for (int64_t first = 0, end = 0; first < map.channels()[group]; first = end) {
        end = std::min(first + kChannels, map.channels()[group]);
        const at::Tensor classes = at::arange(first, end, ids.options()).view({1, -1, 1, 1});
        half.narrow(1, done, end - first).copy_(half_of((ids == classes).to(map.type())));
        done += end - first;
      }
    }
    return half;
  }
};

}  // namespace

void add_half(Registry& registry) {
  registry.add<Half>("image.half");
}

}  // namespace weft::image
