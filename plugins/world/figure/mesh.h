#pragma once

#include "plugins/world/geometry.h"

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace weft::world {

/// A direction or a point, for what is computed of each pixel.
struct Ray {
  float x = 0, y = 0, z = 0;
};

inline Ray operator+(const Ray& a, const Ray& b) {
  return {a.x + b.x, a.y + b.y, a.z + b.z};
}
inline Ray operator-(const Ray& a, const Ray& b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}
inline Ray operator*(float factor, const Ray& a) {
  return {factor * a.x, factor * a.y, factor * a.z};
}
inline float dot(const Ray& a, const Ray& b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
inline Ray cross(const Ray& a, const Ray& b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}
inline Ray unit(const Ray& a) {
  const float square = dot(a, a);
  return square > 0 ? (1 / std::sqrt(square)) * a : Ray{0, 0, 1};
}
inline Ray ray(const Vec& a) {
  return {static_cast<float>(a.x), static_cast<float>(a.y), static_cast<float>(a.z)};
}

/// Where a point is on its piece, in metres of the figure at rest: the same in every frame, however the piece moves.
struct Anchor {
  float along = 0, around = 0;
};

/// A triangle of three points of a mesh, counterclockwise when seen from outside.
struct Triangle {
  std::array<int32_t, 3> corners;
  uint8_t piece;
};

/// A grid of points of a mesh, row by row.
struct Grid {
  int32_t first = 0, rows = 0, columns = 0;

  int32_t at(int32_t row, int32_t column) const { return first + row * columns + column; }
};

/// The triangles of a figure. Where their points are is not kept here: they move.
class Mesh {
 public:
  /// Adds the points of a grid without triangles; their anchors are to be set.
  Grid add_grid(int32_t rows, int32_t columns);
  /// Adds two triangles for the cell below and to the right of a point.
  void add_cell(const Grid& grid, int32_t row, int32_t column, uint8_t piece);
  /// Adds those of all cells.
  void add_cells(const Grid& grid, uint8_t piece);
  /// Two points at one place, whose normals are one, so that no seam shows.
  void weld(int32_t a, int32_t b) { welds_.emplace_back(a, b); }
  /// Welds the first column of a grid to the last one.
  void weld_sides(const Grid& grid);

  Anchor& anchor(int32_t point) { return anchors_[static_cast<size_t>(point)]; }

  size_t points() const { return anchors_.size(); }
  const std::vector<Anchor>& anchors() const { return anchors_; }
  const std::vector<Triangle>& triangles() const { return triangles_; }

  /// Directions out of the surface at each point, of length 1.
  std::vector<Ray> normals(std::span<const Vec> points) const;

 private:
  std::vector<Anchor> anchors_;
  std::vector<Triangle> triangles_;
  std::vector<std::pair<int32_t, int32_t>> welds_;
};

}  // namespace weft::world
