#pragma once

#include <weft/node.h>

namespace boxes {

/// The boxes that were found in a frame; how many there are differs.
struct Boxes {
  static constexpr auto name = "boxes";
  static constexpr auto about = "Boxes in a frame, with a score each";
  static constexpr auto show = "boxes.draw";

  at::Tensor corners;           ///< [N, 4]: x and y of the upper left corner and of the lower right one, in pixels
  at::Tensor scores;            ///< [N] in [0, 1]
  std::vector<int64_t> counts;  ///< N of each sample of the batch

  void visit(weft::RecordFields& field);

  /// The boxes of each sample.
  std::vector<Boxes> samples() const;
};

void add_distance(weft::Registry& registry);
void add_draw(weft::Registry& registry);
void add_scale(weft::Registry& registry);
void add_track(weft::Registry& registry);
void add_walk(weft::Registry& registry);
void add_write(weft::Registry& registry);

}  // namespace boxes
