#pragma once

#include <optional>
#include <string>

namespace weft::media {

/// Converts a fragmented MP4 or MOV to an ordinary one, with the index at its beginning: players open it faster and can
/// seek in it. The pictures are not encoded again.
///
/// The file is replaced in one step, so that it is whole at every moment.
/// @returns the cause of a failure, such as a full disk; the file is then unchanged. Nothing when all
/// went well.
std::optional<std::string> put_index_first(const std::string& file);

}  // namespace weft::media
