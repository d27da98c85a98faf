#include "plugins/media/id_folder.h"
#include "plugins/media/painted_labels.h"
#include <weft/node.h>

namespace weft::media {
namespace {

/// Label maps from a folder, one a frame.
struct LabelFolder : PaintedLabels<IdFolder> {
  static constexpr auto about =
      "Label maps from a folder of PNG, BMP, PGM or TIFF files, one file for each frame: grey of up to 16 bits, or "
      "three equal channels, whose values are the class ids; or files with indices, which are the ids; or painted in "
      "the "
      "colours of a palette; other sizes are resized by nearest neighbour, as in PIL";

  std::optional<Out<"labels", "labels[B,1,H,W]">> run() { return next(); }
};

}  // namespace

void add_label_folder(Registry& registry) {
  registry.add<LabelFolder>("media.label_folder");
}

}  // namespace weft::media
