#pragma once

#include "plugins/media/libav.h"

#include <cstdint>
#include <string_view>

namespace weft::media {

/// What was read of a stream.
struct ReadPackets {
  int64_t count = 0;
  int64_t end = 0;  ///< the latest end of a packet, in the stream's time base
};

/// Whether a file has the container that libav's name begins with: "mov", "matroska".
bool is_format(const AVFormatContext& file, std::string_view name);

/// Whether a file has ended before its header or its index says that it does.
/// @param read  of the stream, up to the end
/// @param rate  frames a second
bool ends_early(const AVFormatContext& file, AVStream& stream, const ReadPackets& read, double rate);

}  // namespace weft::media
