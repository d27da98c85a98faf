#pragma once

#include "framework/weights/mapped_file.h"

#include <map>
#include <string_view>

namespace weft::weights {

/// A file within a zip archive.
struct ZipEntry {
  size_t begin = 0;  ///< of its bytes, in the archive
  size_t size = 0;   ///< as the archive stores it
  bool is_encrypted = false;
  bool is_stored = false;  ///< neither compressed nor encrypted: the bytes are the file's own
};

/// The entries of an archive by name, as its directory at the end lists them; sizes beyond 4 GiB too (zip64).
///
/// An archive for weights needs little of zip, so all else is refused: entries that overlap or lie outside,
/// that occur twice, or that are called something else where they lie, archives in several parts. Check sums
/// are not compared: PyTorch may write without them and compares none.
/// @throws Error  when the archive is damaged
std::map<std::string_view, ZipEntry> read_zip(const MappedFile& file);

}  // namespace weft::weights
