#include "plugins/pose/person.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <ATen/ops/empty.h>

#include <cstring>
#include <type_traits>

namespace weft::pose {

static_assert(std::is_trivially_copyable_v<Person>);
static_assert(sizeof(Person) == kPointsOfPerson * 3 * sizeof(double),
              "persons are copied to and from rows as they are");

at::Tensor keypoints_of(const std::vector<Person>& people) {
  at::Tensor keypoints = at::empty({1, kPointsOfPerson * static_cast<int64_t>(people.size()), 3}, at::kDouble);
  const size_t bytes = people.size() * sizeof(Person);
  if (bytes > 0) std::memcpy(keypoints.mutable_data_ptr<double>(), people.data(), bytes);
  return keypoints;
}

std::vector<Person> people_of(const at::Tensor& keypoints) {
  const int64_t rows = keypoints.size(0);
  if (rows % kPointsOfPerson != 0) {
    throw Error(Exit::Graph, text("people have ", kPointsOfPerson,
                                  " keypoints each (body 25, face 70, hands 21 each), but there are ", rows))
        .hint("pose.openpose_folder gives such keypoints");
  }
  const at::Tensor plain = keypoints.to(at::kCPU, at::kDouble).contiguous();
  std::vector<Person> people(static_cast<size_t>(rows / kPointsOfPerson));
  const size_t bytes = people.size() * sizeof(Person);
  if (bytes > 0) std::memcpy(static_cast<void*>(people.data()), plain.const_data_ptr<double>(), bytes);
  return people;
}

}  // namespace weft::pose
