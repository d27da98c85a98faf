#include "plugins/pose/joints.h"

#include <algorithm>

namespace weft::pose {

Person with_hips(Person person) {
  Keypoint& middle = person.body[kHips];
  const Keypoint &right = person.body[kLegs[0][0]], &left = person.body[kLegs[1][0]];
  if (!is_found(middle) && is_found(right) && is_found(left))
    middle = {(right.x + left.x) / 2, (right.y + left.y) / 2, std::min(right.confidence, left.confidence)};
  return person;
}

std::optional<double> floor_of(const Person& person, bool has_feet) {
  std::optional<double> floor;
  const auto add = [&](size_t joint) {
    if (is_found(person.body[joint])) floor = std::max(floor.value_or(person.body[joint].y), person.body[joint].y);
  };
  if (!has_feet) add(kHips);
  for (const auto& leg : kLegs) {
    if (has_feet) add(leg.back());
  }
  return floor;
}

}  // namespace weft::pose
