#pragma once

#include "plugins/world/geometry.h"
#include "plugins/world/look.h"

#include <array>

namespace weft::world {

/// The material at a pixel, before light falls on it.
struct Finish {
  Colour albedo;
  Colour glow;       ///< its own light
  float sun = 0;     ///< cosine between the surface and the sun
  float up = 0;      ///< cosine between the surface and the vertical
  float sunlit = 1;  ///< share of the sun that comes through
  float open = 1;    ///< share of the sky that comes through
};

/// The light of a look: sun, sky, and haze in between.
class Lighting {
 public:
  explicit Lighting(const Look& look);

  const Vec& to_sun() const { return to_sun_; }

  /// The light that comes off a surface.
  Colour lit(const Finish& finish) const {
    const Colour ambient = finish.open * mix(look_.from_below, look_.from_above, 0.5F + 0.5F * finish.up);
    const float direct = finish.sunlit * std::max(finish.sun, 0.0F);
    return finish.albedo * (ambient + direct * look_.sun) + finish.glow;
  }

  /// The light that arrives from `depth` metres away.
  Colour through_haze(const Colour& light, float depth) const {
    const float place = std::min(depth * steps_per_metre_, static_cast<float>(kSteps) - 0.001F);
    const auto step = static_cast<size_t>(place);
    const float share = place - static_cast<float>(step);
    const float haze = haze_[step] + share * (haze_[step + 1] - haze_[step]);
    return mix(light, look_.horizon, haze);
  }

 private:
  static constexpr size_t kSteps = 128;

  const Look& look_;
  Vec to_sun_;
  float steps_per_metre_;
  std::array<float, kSteps + 1> haze_;
};

}  // namespace weft::world
