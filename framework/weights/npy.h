#pragma once

#include "framework/weights/mapped_file.h"
#include "framework/weights/weight_file.h"

namespace weft::weights {

/// Whether these are the first bytes of a .npy file.
bool is_npy(std::string_view bytes);

/// Reads a .npy in which numpy.save has pickled one dict of arrays, such as the features.npy of pix2pixHD.
///
/// The header is followed by the pickle of an array without dimensions, whose one object is the dict. Its keys, texts or
/// integers, are the names. Nothing in the file is run.
/// Source: NumPy, "NEP 1: A Simple File Format for NumPy Arrays".
/// @returns the arrays in the dict's order, copied
/// @throws Error  when the file is damaged, contains anything but data, or holds something other than such a dict
WeightFile read_npy(const MappedFile& file, const SkippedNames& skipped);

}  // namespace weft::weights
