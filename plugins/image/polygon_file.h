#pragma once

#include <array>
#include <string>
#include <vector>

namespace weft::image {

using Point = std::array<double, 2>;  ///< x and y; the left and the upper border of the frame are 0
using Polygon = std::vector<Point>;   ///< the corners in order; the last one is joined to the first one

/// A polygon at one time.
struct PolygonKey {
  double time = 0;  ///< frames, counted from 0 at the beginning of the sequence
  Polygon polygon;
};

/// Reads the key frames of a polygon from a text file: a row `t x1 y1 x2 y2 x3 y3 …` for each, separated by blanks, tabs or
/// commas. Empty rows, and rows that begin with #, are ignored.
///
/// @returns at least one; the times rise, all polygons have the same number of points, at least three
/// @throws Error  (Data) with the number of the line: a word that is no finite number, a point without y, fewer than three
///                points or another number of points than in the first row, a time that does not rise, a position beyond
///                1 million; and when there are no rows
std::vector<PolygonKey> read_polygon_file(const std::string& file);

/// The polygon at `time`: linear between two key frames, before the first and after the last one theirs.
Polygon polygon_at(const std::vector<PolygonKey>& keys, double time);

}  // namespace weft::image
