#pragma once

#include <cstdint>
#include <span>

namespace weft::media {

/// Whether a packet of a GIF ends within a picture, or within what stands before one: libav's decoder from 6.1 on fills the rest of
/// such a picture with what it has, and does not tell.
bool is_cut_gif_picture(std::span<const uint8_t> packet);

}  // namespace weft::media
