#pragma once

#include <cmath>

namespace weft::world {

/// A point or a direction in metres. In the world x runs along the street, y to its left, z up.
struct Vec {
  double x = 0, y = 0, z = 0;

  bool operator==(const Vec&) const = default;
};

inline Vec operator+(const Vec& a, const Vec& b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z};
}
inline Vec operator-(const Vec& a, const Vec& b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}
inline Vec operator*(double factor, const Vec& a) {
  return {factor * a.x, factor * a.y, factor * a.z};
}
inline Vec operator-(const Vec& a) {
  return {-a.x, -a.y, -a.z};
}
inline double dot(const Vec& a, const Vec& b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
inline Vec cross(const Vec& a, const Vec& b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline double length(const Vec& a) {
  return std::sqrt(dot(a, a));
}
/// `a` with a length of 1. It must not be zero.
inline Vec unit(const Vec& a) {
  return (1 / length(a)) * a;
}
inline Vec mix(const Vec& a, const Vec& b, double share) {
  return a + share * (b - a);
}

constexpr Vec kUp = {0, 0, 1};

/// A point in the plane of a patch, in metres.
struct Point {
  double along = 0, across = 0;
};

/// Where a rigid thing is: its own axes, as directions of the world.
struct Pose {
  Vec origin;
  Vec ahead = {1, 0, 0}, left = {0, 1, 0}, up = {0, 0, 1};

  /// A point of the thing, in the world.
  Vec at(const Vec& own) const { return origin + turned(own); }
  /// A direction of the thing, in the world.
  Vec turned(const Vec& own) const { return own.x * ahead + own.y * left + own.z * up; }

  bool operator==(const Pose&) const = default;
};

/// An upright object.
/// @param heading  radians to the left of the x axis
inline Pose upright(const Vec& origin, double heading) {
  const double c = std::cos(heading), s = std::sin(heading);
  return {origin, {c, s, 0}, {-s, c, 0}, kUp};
}

/// From 0 at `from` to 1 at `to`, without a kink at either end.
inline double smooth_step(double from, double to, double x) {
  const double share = std::fmin(std::fmax((x - from) / (to - from), 0.0), 1.0);
  return share * share * (3 - 2 * share);
}

constexpr double kPi = 3.14159265358979323846;

}  // namespace weft::world
