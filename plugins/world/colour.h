#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace weft::world {

/// An amount of light: red, green and blue, linear, 1 = as bright as the picture can be.
struct Colour {
  float red = 0, green = 0, blue = 0;
};

constexpr Colour operator+(const Colour& a, const Colour& b) {
  return {a.red + b.red, a.green + b.green, a.blue + b.blue};
}
constexpr Colour operator-(const Colour& a, const Colour& b) {
  return {a.red - b.red, a.green - b.green, a.blue - b.blue};
}
constexpr Colour operator*(const Colour& a, const Colour& b) {
  return {a.red * b.red, a.green * b.green, a.blue * b.blue};
}
constexpr Colour operator*(float factor, const Colour& a) {
  return {factor * a.red, factor * a.green, factor * a.blue};
}
constexpr Colour mix(const Colour& a, const Colour& b, float share) {
  return a + share * (b - a);
}

/// A colour as designers write it, 0xRRGGBB. The picture shows the square root of light, so light is the square.
constexpr Colour rgb(uint32_t code) {
  const auto light = [code](int shift) {
    const float shown = static_cast<float>((code >> shift) & 0xFF) / 255;
    return shown * shown;
  };
  return {light(16), light(8), light(0)};
}

/// One channel of the picture, from 0 to 1.
inline float shown(float light) {
  return std::sqrt(std::clamp(light, 0.0F, 1.0F));
}

}  // namespace weft::world
