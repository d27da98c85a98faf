#include "plugins/segmentation/operators.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/sort.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace weft::segmentation {
namespace {

/// The largest number of type T that is not above `threshold`: no overlap in T lies between the two.
template <typename T>
T rounded_down(double threshold) {
  const T near = static_cast<T>(threshold);
  return static_cast<double>(near) > threshold ? std::nextafter(near, -std::numeric_limits<T>::infinity()) : near;
}

at::Tensor by_falling_score(const at::Tensor& scores) {
  return std::get<1>(at::sort(scores, /*stable=*/true, /*dim=*/0, /*descending=*/true));
}

/// Sorted boxes, a number of each in one array.
template <typename T>
struct Sorted {
  const T *left, *top, *right, *bottom, *area;
  const int64_t* group;  ///< or nullptr
};

/// Marks the boxes from `from` on that overlap box `kept`.
template <typename T>
void suppress(const Sorted<T>& s, int64_t kept, int64_t count, T threshold, uint8_t* __restrict suppressed) {
  const T left = s.left[kept], top = s.top[kept], right = s.right[kept], bottom = s.bottom[kept], area = s.area[kept];
  for (int64_t j = kept + 1; j < count; ++j) {
    const T width = std::max(T(0), std::min(right, s.right[j]) - std::max(left, s.left[j]));
    const T height = std::max(T(0), std::min(bottom, s.bottom[j]) - std::max(top, s.top[j]));
    const T shared = width * height;
    suppressed[j] |= static_cast<uint8_t>(shared / (area + s.area[j] - shared) > threshold);
  }
}

template <typename T>
void suppress_in_group(const Sorted<T>& s, int64_t kept, int64_t count, T threshold, uint8_t* __restrict suppressed,
                       std::vector<uint8_t>& overlaps) {
  std::fill(overlaps.begin() + kept, overlaps.end(), 0);
  suppress(s, kept, count, threshold, overlaps.data());
  for (int64_t j = kept + 1; j < count; ++j) {
    suppressed[j] |= static_cast<uint8_t>(overlaps[static_cast<size_t>(j)] & (s.group[j] == s.group[kept]));
  }
}

template <typename T>
at::Tensor nms_on_host(const at::Tensor& boxes, const at::Tensor& scores, double threshold,
                       const std::optional<at::Tensor>& groups) {
  const at::Tensor order = by_falling_score(scores);
  const at::Tensor columns = boxes.index_select(0, order).t().contiguous();  // [4, N]
  const at::Tensor areas = (columns[2] - columns[0]) * (columns[3] - columns[1]);
  const int64_t count = order.size(0);
  const T* column = columns.const_data_ptr<T>();
  const at::Tensor group = groups ? groups->index_select(0, order) : at::Tensor();
  const Sorted<T> sorted = {column,
                            column + count,
                            column + 2 * count,
                            column + 3 * count,
                            areas.const_data_ptr<T>(),
                            groups ? group.const_data_ptr<int64_t>() : nullptr};
  std::vector<uint8_t> suppressed(static_cast<size_t>(count)), overlaps(groups ? suppressed.size() : 0);
  std::vector<int64_t> kept;
  for (int64_t i = 0; i < count; ++i) {
    if (suppressed[static_cast<size_t>(i)]) continue;
    kept.push_back(order.const_data_ptr<int64_t>()[i]);
    if (groups) {
      suppress_in_group(sorted, i, count, rounded_down<T>(threshold), suppressed.data(), overlaps);
    } else {
      suppress(sorted, i, count, rounded_down<T>(threshold), suppressed.data());
    }
  }
  return at::tensor(kept, at::kLong);
}

/// Whether box i (rows) suppresses box j (columns), were it kept: [N, N].
at::Tensor overlapping(const at::Tensor& boxes, double threshold) {
  const at::Tensor low = boxes.slice(1, 0, 2), high = boxes.slice(1, 2, 4);
  const at::Tensor area = (high - low).prod(1);  // [N]
  const at::Tensor side =
      (at::minimum(high.unsqueeze(1), high) - at::maximum(low.unsqueeze(1), low)).clamp_min(0);  // [N, N, 2]
  const at::Tensor shared = side.prod(2);
  const double limit = boxes.scalar_type() == at::kDouble ? rounded_down<double>(threshold)
                                                          : static_cast<double>(rounded_down<float>(threshold));
  return shared / (area.unsqueeze(1) + area - shared) > limit;
}

}  // namespace

at::Tensor nms(const at::Tensor& boxes, const at::Tensor& scores, double threshold,
               const std::optional<at::Tensor>& groups) {
  if (!boxes.is_cpu()) return nms_composed(boxes, scores, threshold, groups);
  return boxes.scalar_type() == at::kDouble ? nms_on_host<double>(boxes, scores, threshold, groups)
                                            : nms_on_host<float>(boxes, scores, threshold, groups);
}

at::Tensor nms_composed(const at::Tensor& boxes, const at::Tensor& scores, double threshold,
                        const std::optional<at::Tensor>& groups) {
  const at::Tensor order = by_falling_score(scores);
  at::Tensor suppresses = overlapping(boxes.index_select(0, order), threshold);
  if (groups) {
    const at::Tensor group = groups->index_select(0, order);
    suppresses = suppresses.logical_and_(group.unsqueeze(1) == group);
  }
  suppresses = suppresses.cpu().contiguous();
  const int64_t count = order.size(0);
  const bool* rows = suppresses.const_data_ptr<bool>();
  std::vector<uint8_t> suppressed(static_cast<size_t>(count));
  std::vector<int64_t> kept;
  for (int64_t i = 0; i < count; ++i) {
    if (suppressed[static_cast<size_t>(i)]) continue;
    kept.push_back(i);
    for (int64_t j = i + 1; j < count; ++j) suppressed[static_cast<size_t>(j)] |= rows[i * count + j];
  }
  return order.index_select(0, at::tensor(kept, at::kLong).to(order.device()));
}

}  // namespace weft::segmentation
