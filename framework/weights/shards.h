#pragma once

#include "framework/weights/mapped_file.h"
#include "framework/weights/weight_file.h"

namespace weft::weights {

/// Whether these may be the first bytes of an index of shards: of JSON, which has no NUL, as a safetensors file has in the
/// length of its header.
bool is_shard_index(std::string_view bytes);

/// Reads the safetensors files that an index lists, as model.safetensors.index.json of large networks does:
///
///   {"metadata": {…}, "weight_map": {"a.weight": "model-00001-of-00002.safetensors", …}}
///
/// The files lie beside the index. Tensors are in the index's order of names; the metadata is that of the first file.
/// @throws Error  (Data) when the index is damaged, names a file in another folder, or a file lacks one of its tensors
WeightFile read_shards(const MappedFile& index);

}  // namespace weft::weights
