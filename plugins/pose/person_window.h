#pragma once

#include "plugins/pose/person.h"

#include <cstdint>

namespace weft::pose {

/// How a window is placed about a person.
struct Framing {
  double aspect = 0.5;  ///< width of the window by its height
  double scale = 1.5;   ///< height of the window by the person's, from the eyes to the ankles
  double shift_x = 0;   ///< of the centre, in halves of the window
  double shift_y = 0;
};

/// A rectangle of whole pixels within a frame; its ends are exclusive.
struct PersonWindow {
  int64_t left = 0;
  int64_t top = 0;
  int64_t right = 0;
  int64_t bottom = 0;
};

/// The window around a person: as few-shot vid2vid crops its frames. It is moved into the frame, at least a quarter of the
/// frame high, and at most as high and as wide as the frame.
///
/// Source: Wang et al. 2019, program (get_crop_coords).
/// @param person  nobody was found where all confidences are 0: the window is then as high as the frame, in its middle
PersonWindow window_about(const Person& person, int64_t frame_height, int64_t frame_width, const Framing& framing);

/// Whether any point of the body was found.
bool has_body(const Person& person);

}  // namespace weft::pose
