#include "framework/vision/colours.h"

#include <weft/node.h>

namespace weft::semantics {
namespace {

/// Classes as people can see them.
struct Colours {
  static constexpr auto about =
      "Draws each pixel in the colour of its class: the label id, or the channel with the largest value; ids "
      "without a colour are black";

  std::optional<int64_t> classes;
  vision::Palette palette = vision::Palette::Automatic;

  void params(Params& p) {
    p("classes", classes,
      "how many colours there are; unless it is given, 35 for labels and the channels of semantics. Give it "
      "where more channels than classes come in, such as edges")
        .min(1)
        .max(65536);
    p("palette", palette,
      "cityscapes: the colours of 35 label ids, or of 19 training ids (20 with void); bits: a colour from "
      "the bits of the id, for any number; auto: the first where there are as many classes, else the second",
      {{"auto", vision::Palette::Automatic},
       {"cityscapes", vision::Palette::Cityscapes},
       {"bits", vision::Palette::Bits}});
  }

  Out<"image", "image[B,3,H,W]"> run(In<"semantics", "feature[B,C,H,W]"> semantics) {
    return vision::colour_classes(*semantics, classes, palette);
  }
};

}  // namespace

void add_colours(Registry& registry) {
  registry.add<Colours>("semantics.colours");
}

}  // namespace weft::semantics
