#include "framework/vision/resize.h"
#include "plugins/face/crop_window.h"
#include "plugins/face/pixels.h"
#include <weft/node.h>

#include <ATen/ops/stack.h>

namespace weft::face {
namespace {

/// The picture of a face.
///
/// The original reads pixels from the opposite border where a window begins outside of the frame; here they
/// are black.
struct Crop {
  static constexpr auto about =
      "Crops an image to a window and resizes it with PIL's bicubic filter, in 8 bits; positions outside of the frame "
      "are black, and a mirrored window gives a mirrored image";
  static constexpr bool on_host = true;

  std::vector<int64_t> size;

  void params(Params& p) {
    p("size", size, "height and width of the result, in pixels").required().count({2}).min(1).max(32768);
  }

  void shape(Shapes& shapes) const {
    if (size.size() != 2) return;
    shapes.set('Y', Dim(size[0]));
    shapes.set('X', Dim(size[1]));
  }

  Out<"image", "image[B,3,Y,X]"> run(In<"image", "image[B,3,H,W]"> image, In<"window", "keypoints[B,2,3]"> window) {
    std::vector<at::Tensor> crops;
    for (int64_t b = 0; b < image->size(0); ++b) {
      const Window seen = window_of(window->select(0, b));
      const at::Tensor cut = cut_out(pixels_of(image->select(0, b)), seen, Outside::Zero);
      crops.push_back(image_of(turned(vision::resize_pil(cut, size.at(0), size.at(1), vision::Filter::Bicubic), seen)));
    }
    return at::stack(crops);
  }
};

}  // namespace

void add_crop(Registry& registry) {
  registry.add<Crop>("face.crop");
}

}  // namespace weft::face
