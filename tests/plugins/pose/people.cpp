#include "tests/plugins/pose/people.h"

#include <ATen/ops/zeros.h>

#include <sstream>

namespace weft::pose {

at::Tensor nobody(int64_t people) {
  return at::zeros({1, kPerson * people, 3}, at::kDouble);
}

void set_point(const at::Tensor& keypoints, int64_t row, double x, double y, double confidence) {
  auto rows = keypoints.accessor<double, 3>();
  rows[0][row][0] = x;
  rows[0][row][1] = y;
  rows[0][row][2] = confidence;
}

std::string numbers(int count, double first) {
  std::ostringstream out;
  for (int i = 0; i < count; ++i) out << (i == 0 ? "[" : ", ") << first + i;
  out << (count == 0 ? "[]" : "]");
  return out.str();
}

}  // namespace weft::pose
