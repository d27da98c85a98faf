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

/// All label maps of a folder at once.
struct LabelSet : PaintedLabels<IdFolder> {
  static constexpr auto about =
      "All label maps of a folder as one value, at the first frame of a sequence: those of the pictures of "
      "media.image_set, for fewshot.gather; files as media.label_folder reads them";

  std::vector<std::string> frame_names() { return first_of(folder.frame_names()); }
  std::optional<int64_t> frame_count() const { return {}; }
  std::optional<int64_t> frames() { return folder.frames() > 0 ? 1 : 0; }
  bool skip() { return folder.skip_all(); }
  std::optional<Out<"labels", "labels[N,1,H,W]">> run() { return rest(); }
};

}  // namespace

void add_label_folder(Registry& registry) {
  registry.add<LabelFolder>("media.label_folder");
  registry.add<LabelSet>("media.label_set");
}

}  // namespace weft::media
