#include "plugins/metric/measure.h"
#include <weft/vision.h>

namespace weft::metric {
namespace {

/// Temporal warping error.
///
///   sum m (image - warp(previous, flow))^2 / sum m  over pixels and channels, of images in [0, 1]
///
/// Source: Lai et al. 2018, "Learning Blind Video Temporal Consistency", section 4.1, averaged over channels as their
/// program does it.
struct WarpError {
  static constexpr auto about =
      "Temporal warping error (Lai et al. 2018): the difference between a frame and the previous frame warped by a "
      "given flow, where `mask` is 1, of images in [0, 1]. Blurred and static videos score well: compare the sharpness "
      "too, and the value of the real video";

  Measure measure;

  void params(Params& p) { measure.declare(p); }

  Out<"value", "scalar"> run(In<"image", "image[B,3,H,W]"> image, In<"previous", "image[B,3,H,W]"> previous,
                             In<"flow", "flow[B,2,H,W]"> flow, Opt<"mask", "mask[B,1,H,W]"> mask) {
    return measure(*image, vision::warp(*previous, *flow), mask ? &*mask : nullptr);
  }
};

}  // namespace

void add_warp_error(Registry& registry) {
  registry.add<WarpError>("metric.warp_error");
}

}  // namespace weft::metric
