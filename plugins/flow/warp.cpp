#include <weft/node.h>
#include <weft/vision.h>

namespace weft::flow {
namespace {

/// Moves the previous frame along the flow.
///
///   warped(p) = image(p + flow(p))
///
/// Source: Wang et al. 2018, "Video-to-Video Synthesis", section 3.2.
struct Warp {
  static constexpr auto about = "Warps an image by backward flow: warped(p) = image(p + flow(p)), borders repeated";
  static constexpr auto passes = "image";

  vision::WarpFilter filter = vision::WarpFilter::Bilinear;

  void params(Params& p) {
    p("filter", filter,
      "interpolation between pixels: \"bilinear\", as in vid2vid, which blurs an image that is warped repeatedly; "
      "\"bicubic\", which amplifies its detail; or \"steady\", two thirds bicubic and one third bilinear, which "
      "preserves the most detail over many frames",
      {{"bilinear", vision::WarpFilter::Bilinear},
       {"bicubic", vision::WarpFilter::Bicubic},
       {"steady", vision::WarpFilter::Steady}});
  }

  Out<"warped", "like image[B,C,H,W]"> run(In<"image", "any[B,C,H,W]"> image, In<"flow", "flow[B,2,H,W]"> flow) {
    return vision::warp(*image, *flow, filter);
  }
};

}  // namespace

void add_warp(Registry& registry) {
  registry.add<Warp>("flow.warp");
}

}  // namespace weft::flow
