#include "plugins/media/id_folder.h"
#include <weft/node.h>

namespace weft::media {
namespace {

/// Instance maps from a folder, one a frame.
struct InstanceFolder : IdFolder {
  static constexpr auto about =
      "Instance maps from a folder of PNG, BMP, PGM or TIFF files, one file for each frame: grey of up to 16 bits, or "
      "three equal channels, whose values are the instance ids, or palette files, whose indices are the ids; other "
      "sizes are resized by nearest neighbour, as in PIL";

  std::optional<Out<"instances", "instances[B,1,H,W]">> run() { return next(); }
};

}  // namespace

void add_instance_folder(Registry& registry) {
  registry.add<InstanceFolder>("media.instance_folder");
}

}  // namespace weft::media
