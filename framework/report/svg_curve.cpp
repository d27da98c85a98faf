#include "framework/report/svg_curve.h"

#include "framework/base/text.h"
#include "framework/report/html.h"

#include <algorithm>
#include <cmath>

namespace weft::report {
namespace {

using Points = std::vector<Curve::Point>;

// The drawing, in its own units.
constexpr double kWidth = 400, kHeight = 168;
constexpr double kLeft = 52, kRight = 394, kTop = 8, kBottom = 146;

constexpr double kDecades = 1.5;     // over which an axis becomes logarithmic
constexpr size_t kFewest = 8;        // points, below which nothing is smooth
constexpr size_t kEnoughToCut = 50;  // points, from which on the most extreme ones may stand on the border
constexpr double kCut = 0.02;        // of them, at either end

struct Range {
  double low = 0, high = 1;
};

/// What most numbers lie between: without the most extreme ones where there are many.
Range range_of(std::vector<double> lows, std::vector<double> highs) {
  std::sort(lows.begin(), lows.end());
  std::sort(highs.begin(), highs.end());
  const size_t cut = lows.size() < kEnoughToCut ? 0 : static_cast<size_t>(kCut * static_cast<double>(lows.size()));
  return {lows[cut], highs[highs.size() - 1 - cut]};
}

Range range_of(const Points& points) {
  std::vector<double> lows, highs;
  for (const Curve::Point& point : points) {
    lows.push_back(point.low);
    highs.push_back(point.high);
  }
  return range_of(std::move(lows), std::move(highs));
}

struct Steps {
  int64_t first = 0, last = 0;
};

Steps steps_of(const Curve& curve) {
  return {curve.points().front().first, curve.points().back().last};
}

std::vector<double> means_of(const Points& points) {
  std::vector<double> means;
  for (const Curve::Point& point : points) means.push_back(point.mean());
  return means;
}

/// Learning rates follow a schedule: there is nothing to smooth, and they often end at 0.
bool is_rate(const std::string& name) {
  return name.ends_with("/rate");
}

/// From steps and numbers to places in the drawing.
class Frame {
 public:
  Frame(const Steps& steps, const Range& range, Axis axis)
      : axis_(axis), first_(static_cast<double>(steps.first)), last_(static_cast<double>(steps.last)) {
    low_ = on_axis(range.low);
    high_ = on_axis(range.high);
    const double least = std::max(1e-12, std::abs(high_) * 1e-6);
    is_constant_ = high_ - low_ <= least;
    constant_ = range.high;
    const double margin = !is_constant_ ? (high_ - low_) * 0.04 : std::max(std::abs(high_) * 0.1, 1e-9);
    low_ -= margin;
    high_ += margin;
  }

  double x(double step) const {
    return last_ > first_ ? kLeft + (step - first_) / (last_ - first_) * (kRight - kLeft) : (kLeft + kRight) / 2;
  }
  double y(double number) const {
    const double at = axis_ == Axis::Logarithmic && number <= 0 ? low_ : on_axis(number);
    return kBottom - std::clamp((at - low_) / (high_ - low_), 0.0, 1.0) * (kBottom - kTop);
  }
  /// Round numbers within the range, five or so.
  std::vector<double> ticks() const;

 private:
  double on_axis(double number) const { return axis_ == Axis::Logarithmic ? std::log10(number) : number; }

  Axis axis_;
  double first_, last_;
  double low_ = 0, high_ = 1;
  bool is_constant_ = false;
  double constant_ = 0;
};

/// The multiples of 1, 2 or 5 times a power of ten that give about `wanted` numbers in the range.
std::vector<double> round_numbers(double low, double high, double wanted) {
  const double rough = (high - low) / wanted, power = std::pow(10, std::floor(std::log10(rough)));
  const double part = rough / power;
  const double step = power * (part < 1.5 ? 1 : part < 3.5 ? 2 : part < 7.5 ? 5 : 10);
  std::vector<double> numbers;
  for (double number = std::ceil(low / step); number * step <= high; ++number)
    numbers.push_back(number == 0 ? 0 : number * step);
  return numbers;
}

std::vector<double> Frame::ticks() const {
  if (is_constant_) return {constant_};
  if (axis_ == Axis::Linear) return round_numbers(low_, high_, 4);
  std::vector<double> numbers;
  const double every = std::max(1.0, std::ceil((high_ - low_) / 5));  // decades
  for (double power = std::ceil(low_ / every) * every; power <= high_; power += every)
    numbers.push_back(std::pow(10, power));
  return numbers;
}

/// A line through places; `L` between them is understood.
std::string path_of(const std::vector<std::pair<double, double>>& places) {
  std::string path;
  for (const auto& [x, y] : places) path += text(path.empty() ? "M" : " ", coordinate(x), ',', coordinate(y));
  return path;
}

std::string axes_of(const Frame& frame, const Steps& steps, const std::vector<Curves::Stage>& stages,
                    Over over = Over::Steps) {
  std::string out;
  for (const double tick : frame.ticks()) {
    const std::string y = coordinate(frame.y(tick));
    out += text("<path class=\"grid\" d=\"M", kLeft, ',', y, " H", kRight, "\"/><text x=\"", kLeft - 5, "\" y=\"", y,
                "\" dy=\"3.5\" text-anchor=\"end\">", short_number(tick), "</text>\n");
  }
  const auto [first, last] = steps;
  for (const Curves::Stage& stage : stages) {
    if (stage.step <= first || stage.step > last) continue;
    out += text("<path class=\"stage\" d=\"M", coordinate(frame.x(static_cast<double>(stage.step))), ',', kTop, " V",
                kBottom, "\"><title>", escaped(stage.name), "</title></path>\n");
  }
  const double y = kBottom + 15;
  const char* unit = over == Over::Steps ? "step " : "t = ";
  out += text("<text x=\"", kLeft, "\" y=\"", y, "\">", first, "</text>");
  if (last > first) out += text("<text x=\"", kRight, "\" y=\"", y, "\" text-anchor=\"end\">", unit, last, "</text>");
  return out + '\n';
}

/// What joined points lie between; nothing where none are joined.
std::string band_of(const Frame& frame, const Points& points) {
  if (points.front().count == 1) return {};
  std::vector<std::pair<double, double>> places;
  for (const Curve::Point& point : points) places.emplace_back(frame.x(point.step()), frame.y(point.high));
  for (auto point = points.rbegin(); point != points.rend(); ++point)
    places.emplace_back(frame.x(point->step()), frame.y(point->low));
  return text("<path class=\"band\" d=\"", path_of(places), " Z\"/>\n");
}

std::string lines_of(const Frame& frame, const Points& points, const std::vector<double>& smooth) {
  std::vector<std::pair<double, double>> raw, line;
  for (size_t i = 0; i < points.size(); ++i) {
    raw.emplace_back(frame.x(points[i].step()), frame.y(points[i].mean()));
    line.emplace_back(raw.back().first, frame.y(smooth[i]));
  }
  std::string out;
  if (smooth.size() >= kFewest) out += text("<path class=\"raw\" d=\"", path_of(raw), "\"/>\n");
  out += text("<path class=\"smooth\" d=\"", path_of(line), "\"/>\n");
  return out + text("<circle class=\"last\" r=\"2.5\" cx=\"", coordinate(line.back().first), "\" cy=\"",
                    coordinate(line.back().second), "\"/>\n");
}

}  // namespace

Axis axis_of(const Curve& curve) {
  const Points& points = curve.points();
  if (std::any_of(points.begin(), points.end(), [](const Curve::Point& point) { return point.low <= 0; }))
    return Axis::Linear;
  const std::vector<double> means = means_of(points);
  const Range range = range_of(means, means);
  return std::log10(range.high / range.low) > kDecades ? Axis::Logarithmic : Axis::Linear;
}

std::vector<double> smoothed(const Points& points) {
  const size_t reach = points.size() < kFewest ? 0 : std::max<size_t>(2, points.size() / 24);
  std::vector<double> smooth;
  for (size_t at = 0; at < points.size(); ++at) {
    double sum = 0, weights = 0;
    for (size_t i = at - std::min(at, reach); i < std::min(points.size(), at + reach + 1); ++i) {
      const size_t distance = i > at ? i - at : at - i;
      const double weight = static_cast<double>(reach + 1 - distance);
      sum += weight * points[i].mean();
      weights += weight;
    }
    smooth.push_back(sum / weights);
  }
  return smooth;
}

std::string figure_of(const std::string& name, const Curve& curve, const std::vector<Curves::Stage>& stages) {
  const Points& points = curve.points();
  if (points.empty()) return {};
  const Axis axis = is_rate(name) ? Axis::Linear : axis_of(curve);
  const Frame frame(steps_of(curve), range_of(points), axis);
  const std::vector<double> smooth = is_rate(name) ? means_of(points) : smoothed(points);
  std::string places;
  for (size_t i = 0; i < points.size(); ++i) {
    places += text(i == 0 ? "" : ";", number_text(points[i].step()), ' ', short_number(points[i].mean()), ' ',
                   coordinate(frame.x(points[i].step())), ' ', coordinate(frame.y(smooth[i])));
  }
  return text("<figure class=\"curve\"><figcaption><b>", escaped(name), "</b> <span>", short_number(smooth.back()),
              axis == Axis::Logarithmic ? "</span> <small>logarithmic</small>" : "</span>",
              "</figcaption>\n<svg viewBox=\"0 0 ", kWidth, ' ', kHeight, "\" role=\"img\" aria-label=\"",
              escaped(name), "\" data-points=\"", places, "\">\n", axes_of(frame, steps_of(curve), stages),
              band_of(frame, points), lines_of(frame, points, smooth), "</svg></figure>\n");
}

std::string figure_of(const std::string& name, const std::vector<RunCurve>& curves, Over over) {
  Steps steps = steps_of(*curves.front().curve);
  std::vector<double> lows, highs;
  bool is_logarithmic = over == Over::Steps && !is_rate(name);
  const auto line_of = [&](const Curve& curve) {
    return over == Over::Steps ? smoothed(curve.points()) : means_of(curve.points());
  };
  for (const auto& [curve, run] : curves) {
    steps = {std::min(steps.first, steps_of(*curve).first), std::max(steps.last, steps_of(*curve).last)};
    is_logarithmic = is_logarithmic && axis_of(*curve) == Axis::Logarithmic;
    const std::vector<double> line = line_of(*curve);
    lows.insert(lows.end(), line.begin(), line.end());
  }
  highs = lows;
  const Axis axis = is_logarithmic ? Axis::Logarithmic : Axis::Linear;
  const Frame frame(steps, range_of(std::move(lows), std::move(highs)), axis);
  std::string lines;
  for (const auto& [curve, run] : curves) {
    const std::vector<double> line = line_of(*curve);
    std::vector<std::pair<double, double>> places;
    for (size_t i = 0; i < line.size(); ++i) places.emplace_back(frame.x(curve->points()[i].step()), frame.y(line[i]));
    lines += text("<path class=\"", class_of_run(run), "\" d=\"", path_of(places), "\"/>\n");
  }
  return text("<figure class=\"curve\"><figcaption><b>", escaped(name), "</b>",
              axis == Axis::Logarithmic ? " <small>logarithmic</small>" : "", "</figcaption>\n<svg viewBox=\"0 0 ",
              kWidth, ' ', kHeight, "\" role=\"img\" aria-label=\"", escaped(name), "\">\n",
              axes_of(frame, steps, {}, over), lines, "</svg></figure>\n");
}

std::string class_of_run(size_t run) {
  constexpr size_t kColours = 6;
  return text("run c", run % kColours, run / kColours % 2 == 1 ? " dashed" : "");
}

}  // namespace weft::report
