#include "plugins/metric/measure.h"

namespace weft::metric {
namespace {

/// Temporal flickering.
///
/// Source: Huang et al. 2024, "VBench", whose score is 1 - the mean absolute difference, of scenes that stand still.
struct Flicker {
  static constexpr auto about =
      "Temporal flicker: the difference between a frame and the previous one, where `mask` is 1, of images in [0, 1]. "
      "For static scenes, or static parts of them; VBench's score is 1 - this";

  Measure measure{.form = Measure::Form::Absolute};

  void params(Params& p) { measure.declare(p); }

  Out<"value", "scalar"> run(In<"image", "image[B,3,H,W]"> image, In<"previous", "image[B,3,H,W]"> previous,
                             Opt<"mask", "mask[B,1,H,W]"> mask) {
    return measure(*image, *previous, mask ? &*mask : nullptr);
  }
};

}  // namespace

void add_flicker(Registry& registry) {
  registry.add<Flicker>("metric.flicker");
}

}  // namespace weft::metric
