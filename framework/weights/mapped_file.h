#pragma once

#include "framework/base/error.h"

#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>

namespace weft::weights {

/// A memory-mapped file. A page is read at its first access. A written page becomes a private copy of this process; the
/// file never changes. Tensors in the mapped memory keep it mapped.
///
/// The file must not be shortened while it is mapped: access to a missing page ends the process. Replacing the file by
/// renaming another one, as write_safetensors does, is safe.
struct MappedFile {
  std::string path;
  at::Tensor bytes;  ///< [N] uint8

  std::string_view view() const;

  /// `count` numbers from byte `begin` on, as a flat tensor: a view of the mapped memory if the address is aligned for the
  /// type, else a copy.
  /// @throws Error  when they are booleans other than 0 and 1
  at::Tensor numbers(size_t begin, int64_t count, at::ScalarType type) const;
};

/// Maps a file.
/// @throws Error  when it is missing, no ordinary file, empty, or cannot be read
MappedFile map_file(const std::string& path);

/// The error for a file whose parts contradict each other; `what` is a sentence without its end.
Error damaged(const std::string& path, const std::string& what);

}  // namespace weft::weights
