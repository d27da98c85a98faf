#pragma once

#include "framework/weights/mapped_file.h"
#include "framework/weights/weight_file.h"

namespace weft::weights {

/// Whether these are the first bytes of the format that torch.save wrote before PyTorch 1.6.
bool is_legacy_pth(std::string_view bytes);

/// Reads a .pth of PyTorch 0.1.10 to 1.5: five pickles (a mark, a version, facts of the machine, the object,
/// the keys of its storages), then each storage as its count and its numbers.
/// @throws Error  when the file is damaged, has no tensors, or contains anything but data
WeightFile read_legacy_pth(const MappedFile& file, const SkippedNames& skipped);

/// Reads a .pth of PyTorch 1.6 and later: a zip archive with the object as NAME/data.pkl, its storages as
/// NAME/data/KEY.
/// @throws Error  when the file is damaged, has no tensors, or contains anything but data
WeightFile read_zip_pth(const MappedFile& file, const SkippedNames& skipped);

}  // namespace weft::weights
