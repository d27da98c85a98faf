#pragma once

namespace weft::world {

/// A horizontal cut through a head: metres.
struct HeadCut {
  double height;       ///< at the front
  double back_height;  ///< at the back
  double width;        ///< half
  double front, back;  ///< x
};

/// The cut at a height of the front, between those of a table.
HeadCut head_cut(double height);

}  // namespace weft::world
