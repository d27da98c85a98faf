#include "plugins/media/id_folder.h"
#include <weft/node.h>

namespace weft::media {
namespace {

/// Label maps from a folder, one a frame.
struct LabelFolder : IdFolder {
  static constexpr auto about =
      "Reads the label maps of a folder, one a frame: grey PNG files of up to 16 bits, whose values are the "
      "class ids, or "
      "palette PNG files, whose indices are; other sizes are made by taking the nearest pixel, as PIL does "
      "it";

  std::optional<Out<"labels", "labels[B,1,H,W]">> run() { return next(); }
};

}  // namespace

void add_label_folder(Registry& registry) {
  registry.add<LabelFolder>("media.label_folder");
}

}  // namespace weft::media
