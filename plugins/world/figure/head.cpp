#include "plugins/world/figure/head.h"

#include "plugins/world/figure/pieces.h"

#include <algorithm>

namespace weft::world {
namespace {

constexpr double kEyeReach = 3 * 0.0165;  // metres on the ball from lid to lid

/// Something behind the lips: heights from the line between them, half its width, how far it is behind them, its share of
/// the jaw's motion, and how much its middle stands out.
struct Plate {
  Piece piece;
  int32_t rows;
  double high, low, wide, depth, jaw, bulge;
};
constexpr std::array<Plate, 3> kPlates = {{{Piece::UpperTeeth, 2, 0.010, -0.0045, 0.020, 0.0075, 0, 0},
                                           {Piece::LowerTeeth, 2, 0.001, -0.012, 0.018, 0.0095, 1, 0},
                                           {Piece::Tongue, 4, 0.004, -0.016, 0.016, 0.022, 0.9, 0.008}}};

/// A pocket from the edges of a slit inwards, so that the background is never seen through the head.
struct Pocket {
  Piece piece;
  double aside, width, height, depth;
};
std::array<Pocket, 3> pockets_of(const Identity& person) {
  const double width = kEyeWidth * person.face.eyes;
  return {{{Piece::LeftEye, kEyeAside, width, 0, 0.012},
           {Piece::RightEye, -kEyeAside, width, 0, 0.012},
           {Piece::Mouth, 0, kMouthWidth, kMouthHeight, 0.045}}};
}

/// Steps through `stops`, so many between two of them.
std::vector<double> divided(std::span<const double> stops, std::span<const int> steps) {
  std::vector<double> values = {stops[0]};
  for (size_t i = 0; i + 1 < stops.size(); ++i) {
    for (int step = 1; step < steps[i]; ++step)
      values.push_back(stops[i] + (stops[i + 1] - stops[i]) * step / steps[i]);
    values.push_back(stops[i + 1]);
  }
  return values;
}

/// From 0 to 1 over the rows or columns of a grid.
double share(int32_t index, int32_t count) {
  return static_cast<double>(index) / (count - 1);
}

/// Calls `what` with row and column of each point.
template <typename What>
void for_each_point(const Grid& grid, const What& what) {
  for (int32_t row = 0; row < grid.rows; ++row) {
    for (int32_t column = 0; column < grid.columns; ++column) what(row, column);
  }
}

/// A ball drawn out in three directions: row 0 is its top.
Vec ball_point(const Grid& grid, int32_t row, int32_t column, const Vec& size) {
  const double down = kPi * share(row, grid.rows), angle = 2 * kPi * share(column, grid.columns);
  return {size.x * std::sin(down) * std::cos(angle), size.y * std::sin(down) * std::sin(angle),
          size.z * std::cos(down)};
}

Anchor anchor_of(double along, double around) {
  return {static_cast<float>(along), static_cast<float>(around)};
}

}  // namespace

Head::Head(const Identity& person, int detail)
    : person_(person), detail_(detail), rows_(skin_rows()), angles_(skin_angles()) {}

std::vector<double> Head::skin_angles() const {
  const double width = kEyeWidth * person_.face.eyes;
  std::array<double, 6> stops = {
      0,  at(kEyeAside - width, 0).angle, at(kMouthWidth, kMouthHeight).angle, at(kEyeAside + width, 0).angle, kPi / 2,
      kPi};
  std::sort(stops.begin(), stops.end());
  const int n = detail_;
  const std::vector<double> half = divided(stops, std::array<int, 5>{n + n / 2, n, 2 * n, 1 + n, 2 + n});
  std::vector<double> angles;
  for (size_t i = half.size() - 1; i > 0; --i) angles.push_back(-half[i]);
  angles.insert(angles.end(), half.begin(), half.end());
  return angles;
}

std::vector<Head::Row> Head::skin_rows() const {
  const int n = detail_ > 1 ? 2 : 1;
  const std::array<double, 10> above = {0.118, 0.114, 0.098, 0.072, 0.048, 0.032, 0.026, kLidReach, 0.008, 0};
  const std::array<double, 8> middle = {0,      -0.008, -kLidReach,           -0.030,
                                        -0.040, -0.050, kMouthHeight + 0.008, kMouthHeight};
  const std::array<double, 10> below = {
      kMouthHeight, kMouthHeight - 0.009, -0.092, -0.105, -0.116, -0.123, -0.133, -0.152, -0.180, -0.240};
  std::vector<Row> rows;
  const auto add = [&](std::span<const double> stops, Edge first) {
    const std::vector<int> steps(stops.size() - 1, n);
    for (const double height : divided(stops, steps)) rows.push_back({height, Edge::Above});
    rows[rows.size() - (stops.size() - 1) * static_cast<size_t>(n) - 1].edge = first;
  };
  // Where two parts meet there is a slit: two rows at one height.
  add(above, Edge::Above);
  add(middle, Edge::Below);
  add(below, Edge::Below);
  return rows;
}

/// Whether an eye or the mouth can open here.
bool Head::is_slit(double angle, double height) const {
  if (std::abs(angle) > 1.5) return false;
  const double off = std::abs(rest({angle, height}).y);
  return height == 0 ? std::abs(off - kEyeAside) < kEyeWidth * person_.face.eyes - 1e-6 : off < kMouthWidth - 1e-6;
}

// ---- the mesh

void Head::add_to(Mesh& mesh) {
  add_skin(mesh);
  add_inside(mesh);
  add_pockets(mesh);
  first_rigid_ = static_cast<int32_t>(mesh.points());
  for (const double y : {1.0, -1.0}) {
    const Grid ear = mesh.add_grid(7, 9);
    for_each_point(ear, [&](int32_t row, int32_t column) {
      const Vec way = ball_point(ear, row, column, {0.017, 0.0085, 0.032});
      rigid_.push_back(Vec{-0.014 - 0.125 * way.z, y * (0.0755 * person_.face.width + 0.006), -0.014} + way);
    });
    mesh.add_cells(ear, static_cast<uint8_t>(Piece::Ear));
    mesh.weld_sides(ear);
  }
  rigid_heights_.assign(rigid_.size(), 0);
  if (person_.hair != Hair::Bald) add_hair(mesh);
}

void Head::add_skin(Mesh& mesh) {
  const auto piece = static_cast<uint8_t>(Piece::Head);
  skin_ = mesh.add_grid(static_cast<int32_t>(rows_.size()), static_cast<int32_t>(angles_.size()));
  for_each_point(skin_, [&](int32_t row, int32_t column) {
    const HeadPlace place = {angles_[static_cast<size_t>(column)], rows_[static_cast<size_t>(row)].height};
    const bool is_front = std::abs(place.angle) < 1.55;
    mesh.anchor(skin_.at(row, column)) = anchor_of(place.height, is_front ? rest(place).y : 0.0765 * place.angle);
    skin_at_rest_.push_back(face_at_rest(place));
  });
  for (int32_t row = 0; row + 1 < skin_.rows; ++row) {
    const bool has_slits = rows_[static_cast<size_t>(row + 1)].edge == Edge::Below;
    for (int32_t column = 0; column < skin_.columns; ++column) {
      if (!has_slits && column + 1 < skin_.columns) mesh.add_cell(skin_, row, column, piece);
      const bool is_shut =
          has_slits && !is_slit(angles_[static_cast<size_t>(column)], rows_[static_cast<size_t>(row)].height);
      if (is_shut) mesh.weld(skin_.at(row, column), skin_.at(row + 1, column));
    }
  }
  mesh.weld_sides(skin_);
}

void Head::add_inside(Mesh& mesh) {
  const int32_t n = detail_ > 1 ? 13 : 7;
  for (size_t side = 0; side < 2; ++side) {
    const Grid eye = eyes_[side] = mesh.add_grid(n, n);
    for_each_point(eye, [&](int32_t row, int32_t column) {
      mesh.anchor(eye.at(row, column)) =
          anchor_of(kEyeReach * (0.5 - share(row, n)), kEyeReach * (share(column, n) - 0.5));
    });
    mesh.add_cells(eye, static_cast<uint8_t>(side == 0 ? Piece::LeftEye : Piece::RightEye));
  }
  for (size_t i = 0; i < kPlates.size(); ++i) {
    const Plate& plate = kPlates[i];
    const Grid grid = plates_[i] = mesh.add_grid(plate.rows + 1, n);
    for_each_point(grid, [&](int32_t row, int32_t column) {
      mesh.anchor(grid.at(row, column)) = anchor_of(plate.high + (plate.low - plate.high) * share(row, grid.rows),
                                                    plate.wide * (2 * share(column, n) - 1));
    });
    mesh.add_cells(grid, static_cast<uint8_t>(plate.piece));
  }
}

void Head::add_pockets(Mesh& mesh) {
  const int32_t rows = detail_ > 1 ? 9 : 5, columns = detail_ > 1 ? 17 : 7;
  const std::array<Pocket, 3> pockets = pockets_of(person_);
  for (size_t i = 0; i < pockets.size(); ++i) {
    const Grid grid = pockets_[i] = mesh.add_grid(rows, columns);
    // Beyond the white of an eye.
    for_each_point(grid, [&](int32_t row, int32_t column) {
      mesh.anchor(grid.at(row, column)) = anchor_of(0.01 * share(row, rows), 0.02);
    });
    mesh.add_cells(grid, static_cast<uint8_t>(pockets[i].piece));
  }
}

void Head::add_hair(Mesh& mesh) {
  const double last = person_.hair == Hair::Long ? -0.225 : hangs() ? -0.115 : -0.09;
  const int n = detail_ > 1 ? 3 : 1, columns = detail_ > 1 ? 65 : 29;
  const std::vector<double> heights =
      divided(std::array<double, 5>{0.1179, 0.105, 0.04, -0.05, last}, std::array<int, 4>{2 * n, 4 * n, 4 * n, 3 * n});
  const Grid hair = mesh.add_grid(static_cast<int32_t>(heights.size()), columns);
  for_each_point(hair, [&](int32_t row, int32_t column) {
    const HeadPlace place = {-kPi + 2 * kPi * share(column, columns), heights[static_cast<size_t>(row)]};
    mesh.anchor(hair.at(row, column)) = anchor_of(place.height, 0.085 * place.angle);
    rigid_.push_back(hair_point(place));
    rigid_heights_.push_back(place.height);
  });
  // Far from it nothing is hidden in the head, where an open mouth would show it.
  const auto is_far = [&](int32_t row, int32_t column) {
    const double angle = -kPi + 2 * kPi * share(column, columns);
    return heights[static_cast<size_t>(row)] < hairline(person_.hair, angle) - 0.02;
  };
  for (int32_t row = 0; row + 1 < hair.rows; ++row) {
    for (int32_t column = 0; column + 1 < columns; ++column) {
      if (!is_far(row, column) || !is_far(row, column + 1))
        mesh.add_cell(hair, row, column, static_cast<uint8_t>(Piece::Hair));
    }
  }
  mesh.weld_sides(hair);
  if (person_.hair != Hair::Bun) return;
  const Grid bun = mesh.add_grid(9, 14);
  for_each_point(bun, [&](int32_t row, int32_t column) {
    mesh.anchor(bun.at(row, column)) = anchor_of(0.02 * row, 0.02 * column);
    rigid_.push_back(Vec{-0.085, 0, 0.085} + ball_point(bun, row, column, {0.042, 0.042, 0.038}));
    rigid_heights_.push_back(0);
  });
  mesh.add_cells(bun, static_cast<uint8_t>(Piece::Hair));
  mesh.weld_sides(bun);
}

// ---- where it is

template <typename Put>
void Head::place_inside(const Expression& expression, const Put& put) const {
  for (size_t side = 0; side < 2; ++side) {
    const Grid& eye = eyes_[side];
    for_each_point(eye, [&](int32_t row, int32_t column) {
      const double up = kEyeReach * (0.5 - share(row, eye.rows)), left = kEyeReach * (share(column, eye.columns) - 0.5);
      put(eye.at(row, column), eye_point(side, left, up, expression), 0);
    });
  }
  for (size_t i = 0; i < kPlates.size(); ++i) {
    const Plate& plate = kPlates[i];
    const Grid& grid = plates_[i];
    for_each_point(grid, [&](int32_t row, int32_t column) {
      const double down = share(row, grid.rows), across = 2 * share(column, grid.columns) - 1;
      const double out = plate.bulge * std::sin(kPi * down) * (1 - across * across);
      const Vec own = teeth_point(plate.wide * across, plate.high + (plate.low - plate.high) * down, plate.depth - out);
      put(grid.at(row, column), with_jaw(own, plate.jaw, expression), 0);
    });
  }
}

template <typename Put>
void Head::place_pockets(const Expression& expression, const Put& put) const {
  const std::array<Pocket, 3> pockets = pockets_of(person_);
  for (size_t i = 0; i < pockets.size(); ++i) {
    const Pocket& pocket = pockets[i];
    const Grid& grid = pockets_[i];
    for (int32_t column = 0; column < grid.columns; ++column) {
      const double across = 2 * share(column, grid.columns) - 1;
      const HeadPlace place = at(pocket.aside + pocket.width * across, pocket.height);
      // It begins behind the edges, and a little outside of them.
      const Vec upper = surface(place, Edge::Above, expression) + Vec{-0.0012, 0, 0.0012};
      const Vec lower = surface(place, Edge::Below, expression) + Vec{-0.0012, 0, -0.0012};
      const double depth = pocket.depth * std::sqrt(std::max(1 - across * across, 0.0));
      for (int32_t row = 0; row < grid.rows; ++row) {
        const double down = share(row, grid.rows), deep = std::sin(kPi * down);
        put(grid.at(row, column), mix(upper, lower, down) + Vec{-depth * deep, 0, 0}, 0);
      }
    }
  }
}

void Head::place(const Pose& head, const Pose& body, double scale, const Expression& expression,
                 std::span<Vec> points) const {
  const auto put = [&](int32_t point, const Vec& own, double height) {
    // The neck's foot stays with the body.
    const double stays = smooth_step(-0.125, -0.2, height);
    Vec world = placed_head(head, scale, own);
    if (stays > 0) world = mix(world, placed_head(body, scale, own), stays);
    points[static_cast<size_t>(point)] = world;
  };
  size_t index = 0;
  for_each_point(skin_, [&](int32_t row, int32_t column) {
    const Row& here = rows_[static_cast<size_t>(row)];
    const HeadPlace place = {angles_[static_cast<size_t>(column)], here.height};
    put(skin_.at(row, column), moved(skin_at_rest_[index++], place, here.edge, expression), here.height);
  });
  place_inside(expression, put);
  place_pockets(expression, put);
  for (size_t i = 0; i < rigid_.size(); ++i) put(first_rigid_ + static_cast<int32_t>(i), rigid_[i], rigid_heights_[i]);
}

}  // namespace weft::world
