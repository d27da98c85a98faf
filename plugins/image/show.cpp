#include "framework/vision/picture.h"
#include <weft/node.h>

namespace weft::image {
namespace {

using vision::Manner;

/// Any map as something that people can look at.
struct Show {
  static constexpr auto about =
      "Visualises any map as an RGB image: images unchanged, masks and edges grey, depth dark where it is far, labels "
      "and semantics in the colours of their classes, instances in a colour for each, flow by direction and length "
      "(Baker et al. 2007), features by their first three channels";

  Manner kind = Manner::Image;
  vision::PictureRange range;

  void params(Params& p) {
    p("kind", kind, "the kind of the input; `weft` sets it for a stream that is peeked",
      {{"image", Manner::Image},
       {"mask", Manner::Grey},
       {"foreground_mask", Manner::Grey},
       {"edges", Manner::Grey},
       {"depth", Manner::Depth},
       {"labels", Manner::Classes},
       {"semantics", Manner::Classes},
       {"instances", Manner::Instances},
       {"conditions", Manner::Conditions},
       {"flow", Manner::Flow},
       {"feature", Manner::Feature}});
    p("max", range.max,
      "flow: the length in pixels that has full colour, default a twentieth of the width; depth: the distance in "
      "metres that is black, default 100")
        .above(0);
    p("classes", range.classes,
      "labels, semantics: the number of classes, which chooses the colours; default: 35 for labels, and the number of "
      "channels for semantics")
        .min(1)
        .max(65536);
  }

  Out<"image", "image[B,3,H,W]"> run(In<"in", "feature[B,C,H,W]"> in) {
    if (kind == Manner::Flow && in->size(1) != 2) {
      throw Error(Exit::Graph, text("image.show with kind = \"flow\" needs 2 channels, but got ", in->size(1)))
          .hint("`kind` is the kind of the input");
    }
    return vision::picture(*in, kind, range);
  }
};

}  // namespace

void add_show(Registry& registry) {
  registry.add<Show>("image.show");
}

}  // namespace weft::image
