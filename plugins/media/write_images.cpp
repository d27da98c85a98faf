#include "framework/base/error.h"
#include "framework/data/frame_files.h"
#include "framework/vision/png.h"
#include "plugins/media/jpeg.h"
#include "plugins/media/picture.h"
#include <weft/node.h>

namespace weft::media {
namespace {

constexpr int64_t kUsualQuality = 75;

/// A PNG or JPEG file for each frame.
struct WriteImages : data::FrameWriter {
  static constexpr auto about =
      "Writes each frame to an image file: .png (RGB, 8 bits) or .jpg; until the sequence is complete, the files are "
      "in a folder `unfinished`";

  std::optional<int64_t> quality;

  WriteImages() : FrameWriter{data::FrameFiles({".png", ".jpg"})} {}

  void params(Params& p) {
    files.params(p);
    p("quality", quality,
      "JPEG quality as in libjpeg, 100 is the best; default: 75; chroma is halved in both directions")
        .min(1)
        .max(100);
  }

  void run(In<"in", "image[B,3,H,W]"> in, Context& context) {
    const at::Tensor pixels = bytes_of_image(data::only_frame(*in));  // [H, W, 3]
    const bool is_jpeg = files.ending() == ".jpg";
    if (quality && !is_jpeg) {
      throw Error(Exit::Graph, "`quality` is given, but the files are not .jpg")
          .hint("remove it, or write `name = \"%06d.jpg\"`");
    }
    const int64_t used = quality.value_or(kUsualQuality);
    files.write(is_jpeg ? encode_jpeg(pixels, static_cast<int>(used)) : vision::encode_png(pixels), context);
  }
};

}  // namespace

void add_write_images(Registry& registry) {
  registry.add<WriteImages>("media.write_images");
}

}  // namespace weft::media
