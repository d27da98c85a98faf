#include "plugins/world/figure/cloth.h"

#include "plugins/world/texture.h"

namespace weft::world {
namespace {

/// Of a disc with its middle at 0: 1 inside.
float disc(float x, float y, float radius, float reach) {
  return std::clamp(0.5F + (radius - std::sqrt(x * x + y * y)) / (2 * reach), 0.0F, 1.0F);
}

/// How much of the emblem, a ring around a star of a few rays, covers a place.
float emblem(float x, float y, uint32_t seed, float reach) {
  const float ring = disc(x, y, 0.062F, reach) - disc(x, y, 0.050F, reach);
  const float rays = static_cast<float>(3 + seed % 4);
  const float star = 0.026F + 0.014F * std::cos(rays * std::atan2(y, x + 1e-6F));
  return ring + disc(x, y, star, reach);
}

}  // namespace

Colour cloth_colour(const Cloth& cloth, float along, float around, float reach) {
  const float step = cloth.step, period = reach / step;
  const float fold = 0.05F * visible(reach, 0.05F) * noise(along / 0.05F, around / 0.05F, cloth.seed);
  Colour colour = cloth.main;
  switch (cloth.pattern) {
    case Pattern::Plain:
      break;
    case Pattern::Hoops:
      colour = mix(colour, cloth.second, pulses(along / step, period, 0, 0.45F));
      break;
    case Pattern::Pinstripes:
      colour = mix(colour, cloth.second, pulses(around / (0.5F * step) + 0.4F, 2 * period, 0, 0.2F));
      break;
    case Pattern::Checks: {
      const float rows = pulses(along / step, period, 0, 0.5F),
                  columns = pulses(around / step + 0.25F, period, 0, 0.5F);
      colour = mix(colour, cloth.second, 0.5F * (rows + columns));
      break;
    }
    case Pattern::Dots: {
      const float size = 0.7F * step, x = along / size, y = around / size;
      const float dx = x - static_cast<float>(whole(x)) - 0.5F, dy = y - static_cast<float>(whole(y)) - 0.5F;
      const float seen = visible(reach, size);
      colour =
          mix(colour, cloth.second, seen * disc(dx, dy, 0.27F, std::max(reach / size, 1e-3F)) + (1 - seen) * 0.23F);
      break;
    }
    case Pattern::Halves:
      colour = mix(colour, cloth.second, above(around, reach, 0));
      break;
    case Pattern::Emblem: {
      const float height = along > 1 ? 1 : along;
      colour = mix(colour, cloth.second, std::min(emblem(around, height - 0.34F, cloth.seed, reach), 1.0F));
      break;
    }
    case Pattern::Knit:
      colour = (1 + 0.12F * visible(reach, 0.012F) * noise(along / 0.012F, around / 0.004F, cloth.seed) +
                0.10F * visible(reach, 0.03F) * noise(along / 0.08F, around / 0.03F, cloth.seed + 1)) *
               colour;
      break;
  }
  return (1 + fold) * colour;
}

}  // namespace weft::world
