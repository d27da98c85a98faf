#include "plugins/world/figure/head.h"

namespace weft::world {

std::vector<Vec> Head::landmarks(const Pose& head, const Pose& body, double scale, const Expression& expression) const {
  std::vector<Vec> points;
  const auto world = [&](const Vec& own, double height) {
    const double share = smooth_step(-0.125, -0.2, height);
    return mix(placed_head(head, scale, own), placed_head(body, scale, own), share);
  };
  const auto add = [&](const HeadPlace& place, Edge edge = Edge::Above) {
    points.push_back(world(surface(place, edge, expression), place.height));
  };
  // The person's right is first: it is on the left of the picture.
  constexpr std::array<HeadPlace, 9> kJaw = {{{0, -0.116},
                                              {0.25, -0.1145},
                                              {0.49, -0.110},
                                              {0.71, -0.102},
                                              {0.92, -0.089},
                                              {1.09, -0.072},
                                              {1.22, -0.052},
                                              {1.32, -0.030},
                                              {1.39, -0.005}}};
  for (int i = -8; i <= 8; ++i) {
    const HeadPlace& place = kJaw[static_cast<size_t>(std::abs(i))];
    add({i < 0 ? -place.angle : place.angle, place.height});
  }
  constexpr std::array<double, 5> kBrow = {0.052, 0.044, 0.035, 0.026, 0.016};
  for (const double off : kBrow) add(at(-off, brow_height(off)));
  for (size_t i = 5; i-- > 0;) add(at(kBrow[i], brow_height(kBrow[i])));
  for (const double height : {0.0, -0.013, -0.026, -0.038}) add({0, height});
  for (const double aside : {-0.0135, -0.007, 0.0, 0.007, 0.0135}) add(at(aside, -0.0505 + 21 * aside * aside));
  const double width = kEyeWidth * person_.face.eyes;
  for (const double y : {-1.0, 1.0}) {
    const auto lid = [&](double place, Edge edge) { add(at(y * kEyeAside + place * width, 0), edge); };
    for (const double place : {-1.0, -0.36, 0.36, 1.0}) lid(place, Edge::Above);
    for (const double place : {0.36, -0.36}) lid(place, Edge::Below);
  }
  for (const double aside : {-kMouthWidth, -0.0155, -0.0065, 0.0, 0.0065, 0.0155, kMouthWidth})
    add(at(aside, kMouthHeight + upper_lip(aside)));
  for (const double aside : {0.0165, 0.008, 0.0, -0.008, -0.0165})
    add(at(aside, kMouthHeight - lower_lip(aside)), Edge::Below);
  const auto inner_corner = [&](double aside) {
    const HeadPlace place = at(aside, kMouthHeight);
    const Vec middle = mix(surface(place, Edge::Above, expression), surface(place, Edge::Below, expression), 0.5);
    points.push_back(world(middle, kMouthHeight));
  };
  inner_corner(-0.0225);
  for (const double aside : {-0.0085, 0.0, 0.0085}) add(at(aside, kMouthHeight), Edge::Above);
  inner_corner(0.0225);
  for (const double aside : {0.0085, 0.0, -0.0085}) add(at(aside, kMouthHeight), Edge::Below);
  return points;
}

Vec Head::pupil(const Pose& head, double scale, const Expression& expression, size_t side) const {
  return placed_head(head, scale, eye_point(side, 0, 0, expression));
}

Vec Head::ear(const Pose& head, double scale, size_t side) const {
  const double y = side == 0 ? 1 : -1;
  return placed_head(head, scale, {-0.014, y * (0.0755 * person_.face.width + 0.014), -0.014});
}

}  // namespace weft::world
