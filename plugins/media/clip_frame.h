#pragma once

#include "plugins/media/clip_view.h"
#include "plugins/media/layout.h"

#include <ATen/core/Tensor.h>

#include <array>
#include <string>
#include <vector>

namespace weft::media {

/// The files of one frame; empty where a kind is not there.
using FrameFilesOf = std::array<std::string, kModalities>;

/// The new id of each label id; -1 for faults. Empty: ids are unchanged.
using IdLookup = std::vector<int32_t>;

/// @param remap  nothing: ids stay
IdLookup id_lookup(const RemapTable* remap);

/// How the files of a clip become values.
struct FrameRules {
  View view;
  Size source;              ///< of the clip's first file
  std::string source_file;  ///< its name, for messages
  bool keeps_size = false;  ///< all files must have that size
  std::array<vision::Filter, kModalities> filters = {};
  IdLookup lookup;                               ///< of labels
  std::shared_ptr<const data::Palette> palette;  ///< in whose colours labels are painted; null: they hold ids
};

/// A file as it is stored: [H, W, 3] uint8, or ids as read_ids gives them.
/// @param palette  in whose colours labels are painted; null: they hold ids
at::Tensor read_stored(const std::string& file, Modality modality, const data::Palette* palette);

/// A view in frames of the size `source`: two keypoints, the upper left and the lower right corner of the part that is
/// seen, in pixels, the other way round across where it is mirrored.
/// @returns [1, 2, 3] double
at::Tensor window_of(const View& view, Size source);

/// Reads the files of one frame, in the calling thread alone.
/// @returns by kind of files: [1, 3, H, W] float in [-1, 1], or [1, 1, H, W] int64; undefined where there is no file
/// @throws Error  (Data) when a file is faulty, has another size than it must, or an id that the table has not
std::array<at::Tensor, kModalities> read_frame(const FrameFilesOf& files, const FrameRules& rules);

}  // namespace weft::media
