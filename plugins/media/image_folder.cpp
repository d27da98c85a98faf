#include "framework/data/folder_source.h"
#include "framework/vision/resize.h"
#include "plugins/media/picture.h"
#include "plugins/media/picture_folder.h"
#include <weft/node.h>

#include <ATen/ops/cat.h>

namespace weft::media {
namespace {

/// Pictures from a folder, one a frame.
struct ImageFolder : data::FolderSource<PictureFolder> {
  static constexpr auto about =
      "Images from a folder of PNG (8 and 16 bits), JPEG, BMP, PPM, PGM, TIFF and WebP files, one file for each frame; "
      "grey becomes RGB, transparency is removed, and photographs are turned upright as their Exif data ask for";

  vision::Filter filter = vision::Filter::Bicubic;

  ImageFolder() : FolderSource{PictureFolder(picture_endings())} {}

  void params(Params& p) {
    folder.params(p);
    p("filter", filter,
      "interpolation for other sizes, as in PIL; nearest preserves values that are codes, as in DensePose files",
      {{"bicubic", vision::Filter::Bicubic},
       {"bilinear", vision::Filter::Bilinear},
       {"nearest", vision::Filter::Nearest}});
  }
  void shape(Shapes& shapes) const { folder.shape(shapes); }

  std::optional<Out<"image", "image[B,3,H,W]">> run() {
    const std::optional<std::string> file = folder.next();
    if (!file) return {};
    return read(*file);
  }

 protected:
  at::Tensor read(const std::string& file) const {
    at::Tensor pixels = read_picture(file);  // [H, W, 3]
    const Size own = {pixels.size(0), pixels.size(1)};
    const Size wanted = folder.size_for(own, file);
    if (!(wanted == own)) pixels = vision::resize_pil(pixels, wanted.height, wanted.width, filter);
    return image_of_bytes(pixels);  // [1, 3, H, W]
  }
};

/// All pictures of a folder at once.
struct ImageSet : ImageFolder {
  static constexpr auto about =
      "All images of a folder as one value, at the first frame of a sequence: the examples of a few-shot network, for "
      "fewshot.gather; files as media.image_folder reads them";

  std::vector<std::string> frame_names() { return first_of(folder.frame_names()); }
  std::optional<int64_t> frame_count() const { return {}; }
  std::optional<int64_t> frames() { return folder.frames() > 0 ? 1 : 0; }
  bool skip() { return folder.skip_all(); }

  std::optional<Out<"images", "image[N,3,H,W]">> run() {
    std::vector<at::Tensor> images;
    while (const std::optional<std::string> file = folder.next()) images.push_back(read(*file));
    if (images.empty()) return {};
    return at::cat(images, 0);
  }
};

}  // namespace

void add_image_folder(Registry& registry) {
  registry.add<ImageFolder>("media.image_folder");
  registry.add<ImageSet>("media.image_set");
}

}  // namespace weft::media
