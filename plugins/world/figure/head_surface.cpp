#include "plugins/world/figure/head.h"
#include "plugins/world/figure/head_shape.h"
#include "plugins/world/texture.h"

#include <algorithm>

namespace weft::world {
namespace {

constexpr double kEyeRadius = 0.0165, kLipReach = 0.014;
constexpr double kAxis = -0.012;  // x of the middle of all cuts
constexpr double kBehind = 1.55;  // beyond this angle nothing moves
constexpr double kNarrow = 0.9;   // cuts are squarer than ellipses
constexpr Vec kJawJoint = {-0.008, 0, -0.022};

double bell(double x) {
  return std::exp(-0.5 * x * x);
}
double bell(double x, double y) {
  return std::exp(-0.5 * (x * x + y * y));
}
double power(double x, double exponent) {
  return x < 0 ? -std::pow(-x, exponent) : std::pow(x, exponent);
}

/// 1 in the middle of a slit, 0 at its corners and beyond.
double arch(double place, double exponent) {
  const double rest = 1 - place * place;
  return rest > 0 ? std::pow(rest, exponent) : 0;
}

double ridge_of_nose(double aside, double height) {
  const double down = smooth_step(0.012, -0.038, height), end = smooth_step(-0.052, -0.040, height);
  const double width = 0.0055 + 0.0055 * down;
  const double wings = 0.009 * bell((std::abs(aside) - 0.0115) / 0.0048, (height + 0.0425) / 0.0055);
  return (0.003 + 0.024 * down) * (height < -0.038 ? end : smooth_step(0.02, 0.0, height)) * bell(aside / width) +
         wings;
}

}  // namespace

double brow_height(double aside) {
  const double place = (std::abs(aside) - 0.036) / 0.02;
  return 0.0240 - 0.0036 * place * place - 0.0006 * place;
}

double upper_lip(double aside) {
  const double place = aside / kMouthWidth;
  return 0.0075 * arch(place, 0.75) - 0.0016 * bell(aside / 0.003);
}

double lower_lip(double aside) {
  return 0.0092 * arch(aside / kMouthWidth, 0.6);
}

double hairline(Hair hair, double angle) {
  const double way = std::abs(angle);
  double line = 0.062 - 0.012 * smooth_step(0.5, 1.0, way) - 0.045 * smooth_step(1.0, 1.35, way);
  if (hair == Hair::Bob) return line - 0.09 * smooth_step(1.2, 1.5, way);
  if (hair == Hair::Long) return line - 0.21 * smooth_step(1.2, 1.55, way);
  if (hair == Hair::Parting) line += 0.004 * std::sin(2 * angle + 0.5);
  return line - 0.065 * smooth_step(1.6, 2.1, way);
}

double Head::width_at(double height) const {
  const HeadShape& shape = person_.face;
  const double jaw = smooth_step(-0.03, -0.1, height) * smooth_step(-0.16, -0.12, height);
  return head_cut(height).width * shape.width * (1 + jaw * (shape.jaw - 1));
}

HeadPlace Head::at(double aside, double height) const {
  const double share = aside / width_at(height);
  return {std::asin(std::clamp(power(share, 1 / kNarrow), -1.0, 1.0)), height};
}

/// Without any expression, features, or the eyes' and the mouth's slits.
Vec Head::rest(const HeadPlace& place) const {
  const HeadCut cut = head_cut(place.height);
  const double width = width_at(place.height);
  const double c = std::cos(place.angle), s = std::sin(place.angle);
  const double far = c > 0 ? cut.front - kAxis : kAxis - cut.back;
  return {kAxis + far * power(c, kNarrow), width * power(s, kNarrow),
          mix({0, 0, cut.height}, {0, 0, cut.back_height}, 0.5 - 0.5 * c).z};
}

Vec Head::with_jaw(const Vec& point, double share, const Expression& expression) const {
  const Vec arm = point - kJawJoint;
  const double angle = 0.3 * expression.jaw * share, c = std::cos(angle), s = std::sin(angle);
  return kJawJoint + Vec{c * arm.x + s * arm.z, arm.y, c * arm.z - s * arm.x};
}

Vec Head::eye_centre(size_t side) const {
  const double y = side == 0 ? 1 : -1;
  const Vec skin = rest(at(kEyeAside, 0));
  return {skin.x - 0.0205, y * kEyeAside, 0.0005};
}

Vec Head::face_at_rest(const HeadPlace& place) const {
  const HeadShape& shape = person_.face;
  Vec p = rest(place);
  if (std::abs(place.angle) > kBehind) return p;
  const double aside = p.y, height = place.height, off = std::abs(aside);
  p.x += shape.nose * ridge_of_nose(aside, height);
  p.x -= 0.0075 * bell((off - kEyeAside) / 0.015, (height - 0.001) / 0.011);
  p.x += 0.003 * bell((off - 0.028) / 0.02, (height - 0.021) / 0.007);
  p.x += 0.0035 * shape.cheeks * bell((off - 0.043) / 0.018, (height + 0.028) / 0.018);
  p.x += 0.0055 * shape.lips * bell(aside / 0.019, (height - kMouthHeight) / 0.0095);
  p.x -= 0.0025 * bell(aside / 0.02, (height - kMouthHeight) / 0.003);
  p.x += 0.006 * shape.chin * bell(aside / 0.019, (height + 0.106) / 0.011);
  p.x -= 0.0045 * bell(aside / 0.02, (height + 0.0885) / 0.005);
  return p;
}

/// Brows take the forehead with them.
void Head::move_brow(double aside, double height, const Expression& expression, Vec& p) const {
  const double brow = expression.brows[aside > 0 ? 0 : 1], off = std::abs(aside), y = aside > 0 ? 1 : -1;
  p.z += 0.0062 * brow * bell((off - 0.03) / 0.024, (height - 0.024) / 0.012);
  p.y += 0.003 * std::min(brow, 0.0) * y * bell((off - 0.018) / 0.01, (height - 0.022) / 0.01);
}

/// Lids open a slit; they lie on the eyeball.
void Head::move_lid(double aside, double height, Edge edge, const Expression& expression, Vec& p) const {
  const size_t side = aside > 0 ? 0 : 1;
  const HeadShape& shape = person_.face;
  const double eye = (std::abs(aside) - kEyeAside) / (kEyeWidth * shape.eyes);
  const double near = 1 - std::abs(height) / kLidReach;
  const double low = -0.0046 * shape.eyes * arch(eye, 0.9), high = 0.0072 * shape.eyes * arch(eye, 0.7);
  const double shut = high + expression.lids[side] * (low - high);
  const bool is_upper = height > 0 || (height == 0 && edge == Edge::Above);
  p.z += near * ((is_upper ? shut : low) + shape.eye_tilt * std::clamp(eye, -1.5, 1.5));
  const Vec centre = eye_centre(side);
  const double dy = aside - centre.y, dz = p.z - centre.z, radius = kEyeRadius + 0.0011;
  const double square = radius * radius - dy * dy - dz * dz, on_ball = centre.x + std::sqrt(std::max(square, 0.0));
  p.x += near * near * smooth_step(1.4, 0.9, std::abs(eye)) * (on_ball - p.x);
  if (square > 0) p.x = std::max(p.x, on_ball);
}

void Head::move_mouth(double aside, double height, Edge edge, const Expression& expression, Vec& p) const {
  const double across = aside / kMouthWidth, way = height - kMouthHeight, off = std::abs(aside);
  p.y += 0.004 * expression.wide * across * bell(aside / 0.03, way / 0.015);
  p.x -= 0.003 * expression.wide * bell(aside / 0.018, way / 0.012);
  const double corner = expression.smile * bell((off - kMouthWidth) / 0.011, way / 0.013);
  p = p + corner * Vec{-0.002, aside > 0 ? 0.004 : -0.004, 0.0055};
  const bool is_lower = way < 0 || (way == 0 && edge == Edge::Below);
  if (!is_lower) {
    if (way < kLipReach) p.z += 0.0035 * expression.jaw * arch(across, 0.7) * (1 - way / kLipReach);
    return;
  }
  // At the lip's edge only the middle goes down; the chin goes as a whole.
  const double wide = 1 - smooth_step(0.022, 0.068, off), lip = arch(across, 0.65);
  const double share = lip + (wide - lip) * smooth_step(0, 0.024, -way);
  p = with_jaw(p, share * smooth_step(-0.15, -0.117, height), expression);
}

Vec Head::surface(const HeadPlace& place, Edge edge, const Expression& expression) const {
  return moved(face_at_rest(place), place, edge, expression);
}

Vec Head::moved(const Vec& at_rest, const HeadPlace& place, Edge edge, const Expression& expression) const {
  if (std::abs(place.angle) > kBehind) return at_rest;
  Vec p = at_rest;
  const double aside = at_rest.y, height = place.height;
  if (height > -0.02) move_brow(aside, height, expression, p);
  if (std::abs(height) <= kLidReach) move_lid(aside, height, edge, expression, p);
  if (height < -0.02) move_mouth(aside, height, edge, expression, p);
  return p;
}

// ---- hair

/// Of the hair, outwards from the skin.
double Head::hair_thickness(const HeadPlace& place) const {
  const double way = std::abs(place.angle), top = smooth_step(0.05, 0.11, place.height);
  // Around the crown all sides are alike.
  const double sides = 0.006 * smooth_step(0.6, 1.4, way) * smooth_step(0.117, 0.095, place.height);
  switch (person_.hair) {
    case Hair::Crop:
      return 0.005;
    case Hair::Bun:
      return 0.008;
    case Hair::Bob:
      return 0.014 + sides - 0.02 * smooth_step(-0.06, -0.11, place.height);
    case Hair::Long:
      return 0.014 + sides - 0.012 * smooth_step(-0.1, -0.2, place.height) * (way < 2 ? 1 : 0.4);
    case Hair::Parting:
      return 0.012 + 0.006 * top +
             0.012 * smooth_step(-0.9, 0.9, std::sin(place.angle + 0.6)) * smooth_step(0.03, 0.09, place.height) *
                 smooth_step(0.117, 0.1, place.height);
    case Hair::Curls: {
      const Vec p = (1 / 0.02) * rest(place);
      const float x = static_cast<float>(p.y + 0.5 * p.x), y = static_cast<float>(p.z + p.x);
      return 0.032 + 0.007 * static_cast<double>(noise(x, y, person_.seed));
    }
    case Hair::Short:
    case Hair::Bald:
      break;
  }
  return 0.012 + 0.006 * top;
}

Vec Head::hair_point(const HeadPlace& place) const {
  constexpr double kHidden = 0.009;  // so deep in the head are points without hair
  const double inside = place.height - hairline(person_.hair, place.angle);
  // Long hair hangs down from the ears' height.
  const double from = hangs() ? std::max(place.height, -0.015) : place.height;
  const bool is_bare = inside < 0 && place.height < from;
  Vec p = rest({place.angle, is_bare ? place.height : from});
  if (!is_bare) p.z += place.height - from;
  const Vec out = unit(Vec{p.x - kAxis, p.y, std::max(p.z, 0.0) * 0.9});
  return p + (smooth_step(-0.005, 0.012, inside) * (kHidden + hair_thickness(place)) - kHidden) * out;
}

Vec Head::eye_point(size_t side, double left, double up, const Expression& expression) const {
  const double a = left / kEyeRadius, b = up / kEyeRadius;
  const Vec seen = {std::cos(a) * std::cos(b), std::sin(a) * std::cos(b), std::sin(b)};
  const double cu = std::cos(expression.look_up), su = std::sin(expression.look_up);
  const double cl = std::cos(expression.look_left), sl = std::sin(expression.look_left);
  const Vec raised = {cu * seen.x - su * seen.z, seen.y, su * seen.x + cu * seen.z};
  return eye_centre(side) + kEyeRadius * Vec{cl * raised.x - sl * raised.y, sl * raised.x + cl * raised.y, raised.z};
}

Vec Head::teeth_point(double left, double up, double depth) const {
  const double front = rest({0, kMouthHeight}).x;
  return {front - depth - 22 * left * left, left, kMouthHeight + up};
}

}  // namespace weft::world
