#include "plugins/world/lighting.h"

namespace weft::world {

Lighting::Lighting(const Look& look) : look_(look), steps_per_metre_(static_cast<float>(kSteps) / look.visibility) {
  const double bearing = look.sun_bearing * kPi / 180, height = look.sun_height * kPi / 180;
  to_sun_ = {std::cos(height) * std::cos(bearing), std::cos(height) * std::sin(bearing), std::sin(height)};
  for (size_t step = 0; step <= kSteps; ++step) {
    // All is haze at the end, so that nothing that comes into reach is seen to do so.
    const float near = 1 - std::pow(static_cast<float>(step) / static_cast<float>(kSteps), look.haze_onset);
    haze_[step] = 1 - std::pow(near, 1.4F);
  }
}

}  // namespace weft::world
