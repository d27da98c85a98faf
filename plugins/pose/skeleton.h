#pragma once

#include "plugins/pose/person.h"

#include <cstdint>
#include <functional>

namespace weft::pose {

/// Which keypoints are drawn.
enum class Detail {
  All,   ///< body, head, hands and face
  Body,  ///< the limbs of the body only: the 2018 program's basic_point_only
};

/// Answers, each time it is asked, whether the next part is left out: each limb, each hand, the face.
using Drops = std::function<bool()>;

/// Draws people as coloured skeletons, the way the 2018 program makes the input of its pose networks.
///
/// Points of body and hands count from a confidence above 0.01, of the face above 0.1. Where people overlap,
/// their colours are added and wrap around at 256.
///
/// Source: Wang et al. 2018, program; docs/papers/vid2vid.md.
/// @returns [height, width, 3] uint8, black where nobody is
at::Tensor draw_people(const std::vector<Person>& people, int64_t height, int64_t width, Detail detail,
                       const Drops& drops);

}  // namespace weft::pose
