#include "framework/vision/picture.h"
#include <weft/node.h>

namespace weft::image {
namespace {

using vision::Manner;

/// Any map as something that people can look at.
struct Show {
  static constexpr auto about =
      "Any map as an image for people: images as they are, masks and edges grey, depth dark where it is far, "
      "labels and semantics in the colours of their classes, instances each in some colour, flow by "
      "direction and length (Baker et al. 2007), features by their first three channels";

  Manner kind = Manner::Image;
  vision::PictureRange range;

  void params(Params& p) {
    p("kind", kind, "what the input is; `weft` sets it where it shows a stream by itself",
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
      "flow: the length in pixels that has full colour, a twentieth of the width unless it is given; depth: "
      "the metres that are black, 100 unless it is given")
        .above(0);
    p("classes", range.classes,
      "labels, semantics: how many classes there are, which decides the colours; unless it is given, 35 for "
      "labels and the channels of semantics")
        .min(1)
        .max(65536);
  }

  Out<"image", "image[B,3,H,W]"> run(In<"in", "feature[B,C,H,W]"> in) {
    if (kind == Manner::Flow && in->size(1) != 2) {
      throw Error(Exit::Graph, text("image.show with kind = \"flow\" wants 2 channels, but got ", in->size(1)))
          .hint("`kind` says what the input is");
    }
    return vision::picture(*in, kind, range);
  }
};

}  // namespace

void add_show(Registry& registry) {
  registry.add<Show>("image.show");
}

}  // namespace weft::image
