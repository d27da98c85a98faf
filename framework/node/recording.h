#pragma once

#include "framework/spec/fraction.h"

#include <string>

namespace weft {

/// How a sequence runs in time, where a source knows it: that of a video.
struct Recording {
  Fraction rate;           ///< frames a second
  std::string sound_file;  ///< the file that has its sound; empty: there is none
  double sound_start = 0;  ///< seconds of that file's time at which frame 0 is shown
};

}  // namespace weft
