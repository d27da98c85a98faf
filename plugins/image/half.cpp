#include "framework/weights/shape_text.h"
#include <weft/node.h>

#include <ATen/ops/avg_pool2d.h>

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
    if (!in->is_floating_point()) {
      throw Error(Exit::Graph, "image.half computes means, but its input holds ids, which have none")
          .hint("image.resize with factor = 0.5 and method = \"nearest\" halves labels and instances");
    }
    if (in->size(2) % 2 != 0 || in->size(3) % 2 != 0) {
      throw Error(Exit::Graph, text("image.half needs an even height and width, but got ", weights::shape_text(*in)))
          .hint("bring the input to a multiple of 32 where it is read, or with image.resize");
    }
    const int64_t border = window - 2;
    return at::avg_pool2d(*in, window, 2, border, /*ceil_mode=*/false, /*count_include_pad=*/false);
  }
};

}  // namespace

void add_half(Registry& registry) {
  registry.add<Half>("image.half");
}

}  // namespace weft::image
