#pragma once

#include "framework/weights/mapped_file.h"
#include "framework/weights/weight_file.h"

namespace weft::weights {

/// Reads a safetensors file: the length of a header, the header as JSON, the tensors' bytes without gaps.
///
/// Source: https://huggingface.co/docs/safetensors, "Format".
/// @returns the tensors in the order of their bytes
/// @throws Error  when anything in the header contradicts the format, the file's size, or itself
WeightFile read_safetensors(const MappedFile& file);

/// Writes tensors and metadata as a safetensors file, atomically: a reader sees the previous file or the complete new
/// one, also after a crash.
///
/// Types with more bytes come first, so that each tensor is aligned for its type and can be read without a copy.
/// @throws Error  when the format has no name for a type, a name is not UTF-8 or occurs twice, or writing
/// fails
void write_safetensors(const std::string& path, const WeightFile& weights);

}  // namespace weft::weights
