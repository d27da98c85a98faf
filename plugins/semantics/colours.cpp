#include "framework/vision/colours.h"

#include <weft/node.h>

namespace weft::semantics {
namespace {

/// Classes as people can see them.
struct Colours {
  static constexpr auto about =
      "Colour image of a label map or semantic map: each pixel in the colour of its label id, or of the channel with "
      "the largest value; ids without a colour are black";

  std::optional<int64_t> classes;
  vision::Palette palette = vision::Palette::Automatic;

  void params(Params& p) {
    p("classes", classes,
      "the number of classes, which chooses the colours; default: 35 for labels, and the number of channels for "
      "semantics. Set it where the input has further channels, such as edges")
        .min(1)
        .max(65536);
    p("palette", palette,
      "cityscapes: the colours of 35 label ids, or of 19 training ids (20 with void); bits: a colour from the bits of "
      "the id, for any number of classes; auto: cityscapes where the number of classes fits, else bits",
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
