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
  std::string palette = "auto";
  std::optional<Path> palette_file;

  void params(Params& p) {
    p("classes", classes,
      "the number of classes, which chooses the colours; default: 35 for labels, and the number of channels for "
      "semantics. Set it where the input has further channels, such as edges")
        .min(1)
        .max(65536);
    p("palette", palette,
      "cityscapes: the colours of 35 label ids, or of 19 training ids (20 with void); camvid, ade20k: those in which "
      "the data set paints its ids, as readers of labels have them; bits: a colour from the bits of the id, for any "
      "number of classes; auto: cityscapes where the number of classes fits, else bits")
        .choice({"auto", "cityscapes", "camvid", "ade20k", "bits"});
    p("palette_file", palette_file,
      "a table of your own (TOML; `weft data palette` writes one), instead of `palette` and `classes`");
  }

  Out<"image", "image[B,3,H,W]"> run(In<"semantics", "feature[B,C,H,W]"> semantics) {
    if (!palette_file && !is_of_data_set()) return vision::colour_classes(*semantics, classes, by_count());
    if (!table_.defined())
      table_ = (palette_file ? data::Palette::read(*palette_file) : data::Palette::built_in(palette)).colours();
    return vision::colour_classes(*semantics, table_);
  }

 private:
  bool is_of_data_set() const { return palette == "camvid" || palette == "ade20k"; }
  vision::Palette by_count() const {
    return palette == "bits"         ? vision::Palette::Bits
           : palette == "cityscapes" ? vision::Palette::Cityscapes
                                     : vision::Palette::Automatic;
  }

  at::Tensor table_;  ///< the colours of the file or of the data set, [N, 3] uint8
};

}  // namespace

void add_colours(Registry& registry) {
  registry.add<Colours>("semantics.colours");
}

}  // namespace weft::semantics
