#include "framework/vision/colours.h"

#include <weft/node.h>

namespace weft::flow {
namespace {

/// Flow as people can see it.
///
/// Source: Baker et al. 2007, "A Database and Evaluation Methodology for Optical Flow".
struct Colours {
  static constexpr auto about =
      "Draws a flow with the colour wheel of Baker et al. 2007: direction as hue, length as saturation; "
      "longer flows than `max` are darkened";

  std::optional<double> max;

  void params(Params& p) {
    p("max", max,
      "the length in pixels that has full colour, the same for all frames; unless it is given, a twentieth "
      "of the width")
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
