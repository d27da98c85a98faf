#pragma once

#include "framework/report/curves.h"

#include <string>
#include <vector>

namespace weft::report {

/// The scale of the value axis of a curve.
enum class Axis { Linear, Logarithmic };

/// Logarithmic if all numbers are above 0 and most points span more than one and a half decades.
Axis axis_of(const Curve& curve);

/// The points of a curve, smoothed: weighted means over about a twelfth of the curve, with higher weights for nearer
/// points.
std::vector<double> smoothed(const std::vector<Curve::Point>& points);

/// A figure in XHTML: a smoothed line over the faint raw numbers, with the last number in its title.
///
/// The attribute `data-points` of the drawing has for each point `step value x y`, with a semicolon between them, which the
/// page's script shows under the pointer.
/// @param name    as a title; any text
/// @param stages  where lines stand; without the first
std::string figure_of(const std::string& name, const Curve& curve, const std::vector<Curves::Stage>& stages);

/// What numbers follow each other over.
enum class Over { Steps, Frames };

/// A curve of one of several runs.
struct RunCurve {
  const Curve* curve = nullptr;  ///< with one point at least
  size_t run = 0;                ///< its place among the runs, which is that of its colour
};
/// A figure with the lines of several runs over each other; those over steps are smoothed.
std::string figure_of(const std::string& name, const std::vector<RunCurve>& curves, Over over);
/// The class of the style that gives the lines of a run their colour: "run c3", from the seventh run on "run c0 dashed".
std::string class_of_run(size_t run);

}  // namespace weft::report
