#include "plugins/world/figure/mesh.h"

namespace weft::world {

Grid Mesh::add_grid(int32_t rows, int32_t columns) {
  const Grid grid = {static_cast<int32_t>(anchors_.size()), rows, columns};
  anchors_.resize(anchors_.size() + static_cast<size_t>(rows) * static_cast<size_t>(columns));
  return grid;
}

void Mesh::add_cell(const Grid& grid, int32_t row, int32_t column, uint8_t piece) {
  const int32_t a = grid.at(row, column), b = grid.at(row + 1, column);
  const int32_t c = grid.at(row + 1, column + 1), d = grid.at(row, column + 1);
  triangles_.push_back({{a, b, c}, piece});
  triangles_.push_back({{a, c, d}, piece});
}

void Mesh::add_cells(const Grid& grid, uint8_t piece) {
  for (int32_t row = 0; row + 1 < grid.rows; ++row) {
    for (int32_t column = 0; column + 1 < grid.columns; ++column) add_cell(grid, row, column, piece);
  }
}

void Mesh::weld_sides(const Grid& grid) {
  for (int32_t row = 0; row < grid.rows; ++row) weld(grid.at(row, 0), grid.at(row, grid.columns - 1));
}

std::vector<Ray> Mesh::normals(std::span<const Vec> points) const {
  std::vector<Ray> normals(points.size());
  for (const Triangle& triangle : triangles_) {
    const Vec& a = points[static_cast<size_t>(triangle.corners[0])];
    const Ray to_b = ray(points[static_cast<size_t>(triangle.corners[1])] - a);
    const Ray to_c = ray(points[static_cast<size_t>(triangle.corners[2])] - a);
    const Ray across = cross(to_b, to_c);
    for (const int32_t corner : triangle.corners) {
      Ray& normal = normals[static_cast<size_t>(corner)];
      normal = normal + across;
    }
  }
  for (const auto& [a, b] : welds_) {
    Ray &first = normals[static_cast<size_t>(a)], &second = normals[static_cast<size_t>(b)];
    first = second = first + second;
  }
  for (Ray& normal : normals) normal = unit(normal);
  return normals;
}

}  // namespace weft::world
