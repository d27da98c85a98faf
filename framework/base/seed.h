#pragma once

#include <cstdint>
#include <string_view>

namespace weft {

/// The next number of the splitmix64 sequence after `state` (Steele et al. 2014): a good mixer of 64 bits.
uint64_t splitmix64(uint64_t state);

/// A seed made of another seed and a name, so that each user of randomness has a sequence of its own.
uint64_t derive_seed(uint64_t seed, std::string_view name);

/// A seed made of another seed and a number (a frame, an epoch).
uint64_t derive_seed(uint64_t seed, uint64_t number);

/// The CRC-32 of zip and PNG (polynomial 0xEDB88320); `before` is the CRC-32 of the preceding bytes.
uint32_t crc32(std::string_view bytes, uint32_t before = 0);

}  // namespace weft
