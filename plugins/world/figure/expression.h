#pragma once

#include <array>

namespace weft::world {

/// What a face does. Left, then right, of the person.
struct Expression {
  double jaw = 0;                        ///< 0: closed, 1: wide open
  double wide = 0;                       ///< of the mouth: -1 pursed, 1 drawn apart
  double smile = 0;                      ///< 0 to 1
  std::array<double, 2> lids = {0, 0};   ///< 0: open, 1: closed
  std::array<double, 2> brows = {0, 0};  ///< -1: frowns, 1: raised
  double look_left = 0, look_up = 0;     ///< of the eyes, radians
};

}  // namespace weft::world
