#pragma once

#include <weft/node.h>

#include <cstdint>
#include <string>
#include <vector>

namespace weft::image {

/// Declares that a part of `size`, height and width, is cut out of a map [B,C,H,W]: its sizes are M and N.
/// @param what  what is done, for the message: "image.cut cuts 3x2 pixels out"
/// @throws Error  (Graph) when the map is known to be smaller
void declare_part(Shapes& shapes, const std::vector<int64_t>& size, const std::string& what);

/// The same for a map whose size a file had.
/// @throws Error  (Graph) when it is smaller
void check_part(const at::Tensor& map, const std::vector<int64_t>& size, const std::string& what);

}  // namespace weft::image
