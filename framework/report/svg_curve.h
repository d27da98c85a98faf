#pragma once

#include "framework/report/curves.h"

#include <string>
#include <vector>

namespace weft::report {

/// How the numbers of a curve stand on its axis.
enum class Axis { Linear, Logarithmic };

/// Logarithmic where all numbers are above 0 and most points lie over more than one and a half decades.
Axis axis_of(const Curve& curve);

/// The points of a curve, each a mean of its surroundings, about a twelfth of the curve, in which near points count
/// more.
std::vector<double> smoothed(const std::vector<Curve::Point>& points);

/// A figure of XHTML: a smooth line over the faint numbers that it was made of, with the last number in its title.
///
/// The attribute `data-points` of the drawing has for each point `step value x y`, with a semicolon between them, which the
/// page's script shows under the pointer.
/// @param name    as a title; any text
/// @param stages  where lines stand; without the first
std::string figure_of(const std::string& name, const Curve& curve, const std::vector<Curves::Stage>& stages);

}  // namespace weft::report
