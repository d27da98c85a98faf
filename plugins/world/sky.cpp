#include "plugins/world/sky.h"

#include "plugins/world/texture.h"

namespace weft::world {

Sky::Sky(const Look& look, const Lighting& lighting, const Camera& camera, uint32_t seed)
    : look_(look),
      to_sun_(lighting.to_sun()),
      focal_(static_cast<float>(camera.lens.focal)),
      heading_x_(static_cast<float>(camera.pose.ahead.x)),
      heading_y_(static_cast<float>(camera.pose.ahead.y)),
      seed_(seed) {}

Colour Sky::colour(float x, float y) const {
  const float right = x / focal_, up = -y / focal_, size = 1 / std::sqrt(1 + right * right + up * up);
  const float to_x = (heading_x_ + right * heading_y_) * size, to_y = (heading_y_ - right * heading_x_) * size;
  const float height = std::max(up * size, 0.0F);
  const float low = 1 - height, thick = low * low * low;
  Colour colour = mix(look_.zenith, look_.horizon, thick);
  const float to_sun = to_x * static_cast<float>(to_sun_.x) + to_y * static_cast<float>(to_sun_.y) +
                       height * static_cast<float>(to_sun_.z);
  if (to_sun > 0) {
    const float near = to_sun * to_sun, halo = near * near * near;
    colour = colour + (0.25F * halo * halo * std::min(look_.sun.red, 1.0F)) * look_.sun;
  }
  if (look_.clouds <= 0 || height < 0.01F) return colour;
  // A layer of clouds, flat, so that they are smaller and denser towards the horizon.
  const float far = 1 / (height + 0.12F), u = 2.2F * to_x * far, v = 2.2F * to_y * far;
  const float shape = 0.62F * noise(u, v, seed_) + 0.28F * noise(2.1F * u, 2.1F * v, seed_ + 1) +
                      0.14F * noise(4.3F * u, 4.3F * v, seed_ + 2);
  const float cover = std::clamp((shape + 2 * look_.clouds - 1.05F) * 1.7F, 0.0F, 1.0F);
  const float fades = std::min(height * 9, 1.0F);
  return mix(colour, look_.cloud, cover * cover * (3 - 2 * cover) * fades * 0.9F);
}

}  // namespace weft::world
