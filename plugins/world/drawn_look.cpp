#include "plugins/world/chance.h"
#include "plugins/world/look.h"

#include <algorithm>
#include <cmath>

namespace weft::world {
namespace {

/// Draws the numbers of a look: of the hour, then the weather, then the city. Every look takes the same numbers in the
/// same order, so that a change of one range moves nothing else.
class LookDraw {
 public:
  explicit LookDraw(uint64_t seed) : chance_(seed, Matter::Look, 1) {}

  Look look() {
    Look look;
    look.name = "drawn";
    hour(look);
    weather(look);
    city(look);
    return look;
  }

 private:
  float between(double from, double to) { return static_cast<float>(chance_.between(from, to)); }

  /// A colour as it is shown. Written in braces, whose numbers are drawn from left to right on every compiler.
  struct Paint {
    float hue;         ///< in turns from red
    float saturation;  ///< 0 to 1
    float value;       ///< brightness, 0 to 1
  };

  static Colour painted(const Paint& paint) {
    const auto channel = [&](float turn) {
      const float hue = paint.hue + turn;
      const float place = std::fabs(6 * (hue - std::floor(hue)) - 3) - 1;
      const float light = paint.value * (1 - paint.saturation * (1 - std::clamp(place, 0.0F, 1.0F)));
      return light * light;
    };
    return {channel(0), channel(2.0F / 3), channel(1.0F / 3)};
  }

  /// Colours around one. @param spread  of the hue, in turns to both sides
  template <size_t N>
  void fill(std::array<Colour, N>& colours, const Paint& around, float spread) {
    for (Colour& colour : colours) {
      colour =
          painted({around.hue + spread * between(-1, 1), std::clamp(around.saturation * between(0.6, 1.4), 0.0F, 1.0F),
                   std::clamp(around.value * between(0.75, 1.25), 0.05F, 0.97F)});
    }
  }

  void hour(Look& look) {
    const bool is_night = chance_.happens(0.15);
    const float day = between(0.55, 1), clear = between(0, 1), warm = between(-0.3, 1), dusk = between(0, 1);
    const float sky_hue = between(0.52, 0.8), haze_hue = between(0, 1), haze = between(0.02, 0.3);
    look.sun_bearing = between(-180, 180);
    look.sun_height = between(15, 65);
    const float bright = is_night ? 0.08F : day;
    look.sun = (1.2F * bright * clear) * Colour{1, 0.9F - 0.25F * warm, 0.8F - 0.45F * warm};
    look.from_above = (bright * (1 - 0.62F * clear)) * Colour{0.96F - 0.06F * clear, 1, 1.06F + 0.25F * clear};
    look.from_below = (0.45F * bright) * Colour{0.5F, 0.48F, 0.46F};
    look.zenith = painted({sky_hue, 0.1F + 0.6F * clear, (is_night ? 0.25F : 0.85F) * (0.6F + 0.4F * day)});
    look.horizon = painted({haze_hue, haze, is_night ? 0.4F : 0.7F + 0.25F * day});
    const bool has_lamps = is_night || dusk > 0.7F;
    look.lamps = is_night ? 1 : has_lamps ? 0.6F : 0;
    look.lit_windows = has_lamps ? between(0.2, 0.5) : between(0, 0.1);
  }

  void weather(Look& look) {
    look.visibility = between(90, 340);
    look.haze_onset = between(1, 1.7);
    look.clouds = between(0.1, 0.95);
    look.cloud = mix(look.horizon, look.zenith, between(0, 0.4));
    const float wet = between(-1, 1), snow = between(-2.5, 1);
    look.wetness = std::max(wet, 0.0F);
    look.snow = std::clamp(2 * snow, 0.0F, 1.0F);
  }

  void city(Look& look) {
    const float variety = between(0.02, 0.14);
    fill(look.walls, {between(0, 1), between(0.05, 0.65), between(0.45, 0.9)}, variety);
    look.brick_houses = between(0, 0.9);
    look.trim = painted({between(0, 1), between(0, 0.25), between(0.6, 0.98)});
    look.glass = painted({between(0.5, 0.75), between(0.1, 0.45), between(0.2, 0.5)});
    fill(look.roofs, {between(0, 1), between(0.1, 0.6), between(0.3, 0.75)}, 0.05F);
    fill(look.shops, {between(0, 1), between(0.4, 0.9), between(0.4, 0.8)}, 0.5F);
    fill(look.cars, {between(0, 1), between(0.2, 0.9), between(0.4, 0.9)}, 0.5F);
    fill(look.clothes, {between(0, 1), between(0.2, 0.8), between(0.4, 0.9)}, 0.5F);
    fill(look.leaves, {between(0.02, 0.42), between(0.2, 0.8), between(0.4, 0.75)}, 0.03F);
    look.asphalt = painted({between(0, 1), between(0, 0.22), between(0.3, 0.62)});
    look.paving = painted({between(0, 1), between(0, 0.3), between(0.45, 0.85)});
    look.lawn = painted({between(0.1, 0.4), between(0.2, 0.65), between(0.4, 0.75)});
    look.marking = painted({between(0.1, 0.2), between(0, 0.5), between(0.8, 0.98)});
    look.grain = between(0.4, 2.2);
  }

  Chance chance_;
};

}  // namespace

Look drawn_look(uint64_t seed) {
  return LookDraw(seed).look();
}

}  // namespace weft::world
