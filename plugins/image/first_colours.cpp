#include "framework/data/instance_colours.h"
#include <weft/node.h>

namespace weft::image {
namespace {

/// A colour memory of unlimited length: the networks see the colour of an instance at its first appearance, however long ago.
struct FirstColours {
  static constexpr auto about =
      "Colour memory of instances: paints each instance in the mean colour from the first frame that shows at least "
      "`least_pixels` of it. Wire `image` and `seen` to the previous frame; they are absent at the first one. Channels "
      "1 to 3 are the colour, channel 4 is 1 where a colour is known. Instances must keep their ids from frame to "
      "frame";
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
