#include "framework/vision/colours.h"

#include "framework/base/error.h"
#include "framework/data/palette.h"
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
  std::optional<Path> palette_file;

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
    p("palette_file", palette_file,
      "a table of your own (TOML; `weft data palette` writes one), instead of `palette` and `classes`");
  }

  Out<"image", "image[B,3,H,W]"> run(In<"semantics", "feature[B,C,H,W]"> semantics) {
    if (!palette_file) return vision::colour_classes(*semantics, classes, palette);
    if (!own_.defined()) own_ = data::Palette::read(*palette_file).colours();
    return vision::colour_classes(*semantics, own_);
  }

 private:
  at::Tensor own_;  ///< the colours of the file, [N, 3] uint8
};

}  // namespace

void add_colours(Registry& registry) {
  registry.add<Colours>("semantics.colours");
}

}  // namespace weft::semantics
