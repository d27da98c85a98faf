#pragma once

#include "framework/data/palette.h"
#include "framework/node/context.h"
#include "plugins/media/picture_folder.h"

#include <ATen/core/Tensor.h>

namespace weft::media {

/// Maps of ids from a folder of pictures, one a frame: what the readers of labels and instances have in
/// common.
struct IdFolder {
  PictureFolder folder{id_endings()};

  /// Of the classes in whose colours the pictures are painted; nothing: they hold ids.
  std::optional<data::Palette> palette;

  void params(Params& p) { folder.params(p); }
  void shape(Shapes& shapes) const { folder.shape(shapes); }
  std::optional<std::string> next_sequence(Context& context) { return folder.open(context); }
  std::vector<std::string> sequences() { return folder.sequences(); }
  bool skip_sequence() { return folder.skip_sequence(); }
  std::vector<std::string> frame_names() { return folder.frame_names(); }
  std::optional<int64_t> frames() { return folder.frames(); }
  bool skip() { return folder.skip(); }

  /// The map of the next frame, resized by nearest neighbour.
  /// @returns [1, 1, H, W] int64; nothing at the end
  /// @throws Error  (Data) when the file does not hold one id a pixel
  std::optional<at::Tensor> next();
  /// The maps of all frames that are left: [N, 1, H, W] int64; nothing at the end.
  /// @throws Error  as next() does
  std::optional<at::Tensor> rest();

 private:
  at::Tensor read(const std::string& file) const;
};

}  // namespace weft::media
