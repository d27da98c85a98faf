#pragma once

#include "framework/base/error.h"

#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>

namespace weft::weights {

/// A file in memory. Pages are read when they are touched, and a page that is written becomes this process's
/// own: the file never changes. Tensors made of it keep it mapped.
///
/// Nobody may shorten the file meanwhile: touching a page that is gone ends the process. A file that is
/// replaced by renaming another over it, as write_safetensors does, is safe.
struct MappedFile {
  std::string path;
  at::Tensor bytes;  ///< [N] uint8

  std::string_view view() const;

  /// `count` numbers that begin at byte `begin`, flat: the file's own memory where their address suits the
  /// type, a copy where it does not.
  /// @throws Error  when they are booleans other than 0 and 1
  at::Tensor numbers(size_t begin, int64_t count, at::ScalarType type) const;
};

/// Maps a file.
/// @throws Error  when it is missing, no ordinary file, empty, or cannot be read
MappedFile map_file(const std::string& path);

/// The error for a file whose parts contradict each other; `what` is a sentence without its end.
Error damaged(const std::string& path, const std::string& what);

}  // namespace weft::weights
