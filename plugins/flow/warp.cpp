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
  static constexpr auto about =
      "Samples an image where a backward flow points to: warped(p) = image(p + flow(p)), borders repeated";
  static constexpr auto passes = "image";

  vision::WarpFilter filter = vision::WarpFilter::Bilinear;

  void params(Params& p) {
    p("filter", filter,
      "how values between pixels are found: \"bilinear\", as in vid2vid, which blurs what is warped again and again; "
      "\"bicubic\", which lets its detail grow; or \"steady\", two thirds of the second and one of the first, which "
      "keeps as much of it as can be kept",
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
