#include "plugins/media/id_folder.h"
#include <weft/node.h>

namespace weft::media {
namespace {

/// Instance maps from a folder, one a frame.
struct InstanceFolder : IdFolder {
  static constexpr auto about =
      "Reads the instance maps of a folder, one a frame: grey PNG files of up to 16 bits, whose values are "
      "the instance "
      "ids, or palette PNG files, whose indices are; other sizes are made by taking the nearest pixel, as "
      "PIL does it";

  std::optional<Out<"instances", "instances[B,1,H,W]">> run() { return next(); }
};

}  // namespace

void add_instance_folder(Registry& registry) {
  registry.add<InstanceFolder>("media.instance_folder");
}

}  // namespace weft::media
