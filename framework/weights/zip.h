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
/// Weights need only a small part of the zip format. Refused are entries that overlap, lie outside of the file, occur
/// twice, or have another name in their local header, and archives in several parts. Checksums are not compared: PyTorch
/// may omit them and does not compare them either.
/// @throws Error  when the archive is damaged
std::map<std::string_view, ZipEntry> read_zip(const MappedFile& file);

}  // namespace weft::weights
