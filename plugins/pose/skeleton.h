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

/// Whose way of drawing it is.
///
///                  vid2vid (2018)                     few-shot vid2vid (2019)
/// limbs            feet between the legs' limbs       feet last
/// Detail::Body     the limbs without the head's       the limbs without the feet's
/// hands and faces  ends with discs, piece by piece    plain ends; a line whose points were not all found is left out
/// face             brows, nose, eyes, mouth           the jaw too, and the nose as a closed shape
enum class Program { Vid2vid, FewShot };

struct Drawing {
  Detail detail = Detail::All;
  Program program = Program::Vid2vid;
  bool has_face = true;
  int64_t body_brush = 3;  ///< half the width of a limb in pixels
  int64_t fine_brush = 1;  ///< the same of a finger or a facial edge
};

/// Answers, each time it is asked, whether the next part is left out: each limb, each hand, the face.
using Drops = std::function<bool()>;

/// Draws people as coloured skeletons, the way the original programs make the input of their pose networks.
///
/// Points of body and hands count from a confidence above 0.01, of the face above 0.1. Where people overlap,
/// their colours are added and wrap around at 256.
///
/// Source: Wang et al. 2018 and 2019, programs; docs/papers/vid2vid.md.
/// @returns [height, width, 3] uint8, black where nobody is
at::Tensor draw_people(const std::vector<Person>& people, int64_t height, int64_t width, const Drawing& drawing,
                       const Drops& drops);

/// How tall people look, for the width of lines: from the lowest to the highest y of the body, where points that were not
/// found count as 0.
/// Source: Wang et al. 2019, program.
double height_of(const Person& person);

/// The points that Program::FewShot draws: those that were not found, or that are on no line, are all 0.
Person drawn_points(const Person& person);

}  // namespace weft::pose
