#include "plugins/media/numbered_files.h"
#include "plugins/media/picture.h"
#include "plugins/media/png.h"
#include <weft/node.h>

namespace weft::media {
namespace {

/// A PNG file for each frame.
struct WriteImages {
  static constexpr auto about =
      "Writes each frame as an RGB PNG file of 8 bits; files are whole or not there at all, also when the "
      "run is stopped";
  static constexpr bool on_host = true;

  NumberedFiles files;

  void params(Params& p) { files.params(p); }

  void run(In<"in", "image[B,3,H,W]"> in, Context& context) {
    files.write(encode_png(bytes_of_image(only_frame(*in))), context);
  }

  void finish(Context&) { files.finish(); }
};

}  // namespace

void add_write_images(Registry& registry) {
  registry.add<WriteImages>("media.write_images");
}

}  // namespace weft::media
