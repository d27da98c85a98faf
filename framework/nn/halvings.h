#pragma once

#include <cstdint>
#include <string_view>

namespace weft::nn {

/// Refuses maps that cannot be halved so often without a rest.
/// @param node  the type of the node, for the message
/// @throws Error  (Exit::Graph) when the height or the width is no multiple of 2^halvings
void check_halvings(std::string_view node, int64_t height, int64_t width, int64_t halvings);

}  // namespace weft::nn
