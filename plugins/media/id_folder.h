#pragma once

#include "framework/data/folder_source.h"
#include "framework/data/palette.h"
#include "framework/node/context.h"
#include "plugins/media/picture_folder.h"

#include <ATen/core/Tensor.h>

namespace weft::media {

/// Maps of ids from a folder of pictures, one a frame: what the readers of labels and instances have in
/// common.
struct IdFolder : data::FolderSource<PictureFolder> {
  IdFolder() : FolderSource{PictureFolder(id_endings())} {}

  /// Of the classes in whose colours the pictures are painted; nothing: they hold ids.
  std::optional<data::Palette> palette;

  void shape(Shapes& shapes) const { folder.shape(shapes); }

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
