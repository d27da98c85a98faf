#include "framework/data/instance_colours.h"
#include <weft/node.h>

namespace weft::image {
namespace {

/// A memory of colours without an end: what a network has drawn once stays in its view, however long ago that was.
struct FirstColours {
  static constexpr auto about =
      "Paints every instance in the mean colour that it had in the first frame that showed enough of it: a memory that "
      "does not fade. Wired to the frame before, `image` and `seen` are absent in the first one. Channels 1 to 3 are "
      "the colour, 4 says that there is one. Instances must keep their ids from frame to frame";
  static constexpr bool on_host = true;
  static constexpr bool stops_gradients = true;

  void params(Params& p) { colours_.params(p); }

  Out<"colours", "conditions[B,4,H,W]"> run(Opt<"image", "image[B,3,H,W]"> image,
                                            Opt<"seen", "instances[B,1,H,W]"> seen,
                                            In<"instances", "instances[B,1,H,W]"> instances) {
    if (image && seen) colours_.look(*image, *seen);
    return colours_.paint(*instances);
  }

  void reset() { colours_.clear(); }
  void state(Archive& archive) { colours_.state(archive); }

 private:
  data::InstanceColours colours_;
};

}  // namespace

void add_first_colours(Registry& registry) {
  registry.add<FirstColours>("image.first_colours");
}

}  // namespace weft::image
