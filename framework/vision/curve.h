#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

namespace weft::vision {

/// A position in pixels: x to the right, y down.
struct Point {
  double x = 0;
  double y = 0;
};

struct Pixel {
  int64_t x = 0;
  int64_t y = 0;

  bool operator==(const Pixel&) const = default;
};

/// The pixels of the line through two points, or of the parabola through three: how the programs of 2018 and
/// 2019 draw skeletons and faces.
///
/// The curve is a function of x, or of y where the largest step from point to point is larger in y. From its
/// first to its last point it has as many positions as there are whole pixels between them, evenly spaced,
/// both ends included; coordinates are cut off to integers. The originals fit by an iterative solver, whose
/// noise moves a value that lies on an integer to either side; here such a value (to 1e-6) is that integer.
///
/// Source: docs/papers/vid2vid.md.
/// @param points  two or three
/// @returns nothing where the curve is shorter than a pixel, steeper than the original draws (a second-degree
/// coefficient
///          above 1, or two points with one x and different y), longer than 65536 pixels, or a point is not
///          finite
std::vector<Pixel> curve_through(std::span<const Point> points);

/// Whether the ends of a curve are discs, of twice the brush's radius.
enum class Ends { Plain, Discs };

/// Draws a curve with a square brush: the curve is shifted by -brush … brush-1 in both directions and drawn
/// each time; what leaves the picture goes to its border.
///
/// In a grey picture the colour replaces what is there. In an RGB picture a shifted curve that lies on black
/// only is drawn with the colour; any other takes the mean of the colour and each of its pixels, black ones
/// too. This makes the soft borders on which the published networks were trained.
///
/// @param curve    may be empty
/// @param brush    half the width in pixels
/// @param colour   one number for each channel
/// @param picture  [H, W] or [H, W, 3] uint8 on the CPU, contiguous; drawn on
void draw_curve(std::span<const Pixel> curve, int64_t brush, Ends ends, std::span<const uint8_t> colour,
                const at::Tensor& picture);

}  // namespace weft::vision
