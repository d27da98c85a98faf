#include "framework/vision/colours.h"

#include <weft/node.h>

namespace weft::flow {
namespace {

/// Flow as people can see it.
///
/// Source: Baker et al. 2007, "A Database and Evaluation Methodology for Optical Flow".
struct Colours {
  static constexpr auto about =
      "Optical flow as an image, with the colour wheel of Baker et al. 2007: hue is the direction, saturation the "
      "length; flow longer than `max` is darkened";

  std::optional<double> max;

  void params(Params& p) {
    p("max", max,
      "the length in pixels that has full colour, the same for all frames; default: a twentieth of the width")
        .above(0);
  }

  Out<"image", "image[B,3,H,W]"> run(In<"flow", "flow[B,2,H,W]"> flow) {
    return vision::colour_flow(*flow, max.value_or(static_cast<double>(flow->size(3)) / 20));
  }
};

}  // namespace

void add_colours(Registry& registry) {
  registry.add<Colours>("flow.colours");
}

}  // namespace weft::flow
