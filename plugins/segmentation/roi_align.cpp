// Both forms of RoIAlign take their samples from one computation, on the host: a few hundred boxes are little work, and the two
// then agree in which samples count.
#include "framework/base/processors.h"
#include "plugins/segmentation/operators.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/grid_sampler_2d.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <compare>
#include <map>
#include <utility>
#include <vector>

namespace weft::segmentation {
namespace {

/// The samples of one box along one axis: `each` in every bin, evenly spaced.
template <typename T>
struct Samples {
  T start, bin;
  int64_t each;

  T position(int64_t index) const {
    const int64_t p = index / each, i = index % each;
    return start + static_cast<T>(p) * bin + (static_cast<T>(i) + T(0.5)) * bin / static_cast<T>(each);
  }
};

template <typename T>
Samples<T> samples_of(T low, T high, int64_t bins, const RoiAlignOptions& options) {
  const T scale = static_cast<T>(options.scale), offset = options.aligned ? T(0.5) : T(0);
  const T start = low * scale - offset, end = high * scale - offset;
  const T size = options.aligned ? end - start : std::max(end - start, T(1));
  const T bin = size / static_cast<T>(bins);
  return {start, bin,
          options.samples > 0 ? options.samples : std::max<int64_t>(0, static_cast<int64_t>(std::ceil(bin)))};
}

/// A sample between two pixels of an axis.
template <typename T>
struct Tap {
  int64_t low = 0, high = 0;
  T share = 0;  ///< of the high one
  bool counts = false;
};

template <typename T>
Tap<T> tap_at(T position, int64_t size) {
  if (!(position >= T(-1) && position <= static_cast<T>(size))) return {};
  position = std::max(position, T(0));
  const auto low = static_cast<int64_t>(position);
  if (low >= size - 1) return {size - 1, size - 1, 0, true};
  return {low, low + 1, position - static_cast<T>(low), true};
}

template <typename T>
std::vector<Tap<T>> taps_of(const Samples<T>& samples, int64_t bins, int64_t size) {
  std::vector<Tap<T>> taps;
  for (int64_t i = 0; i < bins * samples.each; ++i) taps.push_back(tap_at(samples.position(i), size));
  return taps;
}

/// to += w00 a + w01 b + w10 c + w11 d, over the channels.
template <typename T>
inline __attribute__((always_inline)) void add_pixels(T* __restrict to, const T* a, const T* b, const T* c, const T* d,
                                                      T y, T x, int64_t channels) {
  const T w00 = (1 - y) * (1 - x), w01 = (1 - y) * x, w10 = y * (1 - x), w11 = y * x;
  for (int64_t i = 0; i < channels; ++i) to[i] += w00 * a[i] + w01 * b[i] + w10 * c[i] + w11 * d[i];
}

WEFT_FOR_EACH_PROCESSOR("arch=x86-64-v4", "arch=x86-64-v3", "default")
void add_sample(float* to, const float* a, const float* b, const float* c, const float* d, float y, float x,
                int64_t channels) {
  add_pixels(to, a, b, c, d, y, x, channels);
}

void add_sample(double* to, const double* a, const double* b, const double* c, const double* d, double y, double x,
                int64_t channels) {
  add_pixels(to, a, b, c, d, y, x, channels);
}

/// A map [H, W, C] and the result of one box [C, bins].
template <typename T>
struct Work {
  const T* map;
  T* out;
  int64_t height, width, channels;
};

/// Adds up the samples of one bin.
template <typename T>
void add_bin(const Work<T>& work, const Tap<T>* rows, int64_t row_count, const Tap<T>* columns, int64_t column_count,
             T* sum) {
  const auto pixel = [&](int64_t y, int64_t x) { return work.map + (y * work.width + x) * work.channels; };
  for (int64_t i = 0; i < row_count; ++i) {
    for (int64_t j = 0; j < column_count; ++j) {
      const Tap<T>&r = rows[i], &c = columns[j];
      if (!r.counts || !c.counts) continue;
      add_sample(sum, pixel(r.low, c.low), pixel(r.low, c.high), pixel(r.high, c.low), pixel(r.high, c.high), r.share,
                 c.share, work.channels);
    }
  }
}

template <typename T>
void align_box(const Work<T>& work, const T* roi, const RoiAlignOptions& options, std::vector<T>& sums) {
  const Samples<T> down = samples_of(roi[2], roi[4], options.height, options);
  const Samples<T> across = samples_of(roi[1], roi[3], options.width, options);
  const auto rows = taps_of(down, options.height, work.height), columns = taps_of(across, options.width, work.width);
  const int64_t bins = options.height * options.width;
  const T share = T(1) / static_cast<T>(std::max<int64_t>(down.each * across.each, 1));
  std::fill(sums.begin(), sums.end(), T(0));  // [bins, C]
  for (int64_t bin = 0; bin < bins; ++bin) {
    const int64_t p = bin / options.width, q = bin % options.width;
    add_bin(work, rows.data() + p * down.each, down.each, columns.data() + q * across.each, across.each,
            sums.data() + bin * work.channels);
  }
  for (int64_t c = 0; c < work.channels; ++c) {
    for (int64_t bin = 0; bin < bins; ++bin) {
      work.out[c * bins + bin] = sums[static_cast<size_t>(bin * work.channels + c)] * share;
    }
  }
}

template <typename T>
at::Tensor align_on_host(const at::Tensor& features, const at::Tensor& rois, const RoiAlignOptions& options) {
  const at::Tensor maps = features.permute({0, 2, 3, 1}).contiguous();  // [B, H, W, C]: a sample is one run of memory
  const at::Tensor boxes = rois.to(features.scalar_type()).contiguous();
  const int64_t channels = features.size(1), pixels = features.size(2) * features.size(3);
  const int64_t bins = options.height * options.width;
  at::Tensor out = at::empty({rois.size(0), channels, options.height, options.width}, features.options());
  const T* of_maps = maps.const_data_ptr<T>();
  const T* of_boxes = boxes.const_data_ptr<T>();
  T* of_out = out.mutable_data_ptr<T>();
  at::parallel_for(0, rois.size(0), 1, [&](int64_t begin, int64_t end) {
    std::vector<T> sums(static_cast<size_t>(bins * channels));
    for (int64_t k = begin; k < end; ++k) {
      const T* roi = of_boxes + 5 * k;
      align_box<T>({of_maps + static_cast<int64_t>(roi[0]) * pixels * channels, of_out + k * channels * bins,
                    features.size(2), features.size(3), channels},
                   roi, options, sums);
    }
  });
  return out;
}

/// Boxes of one image with as many samples in a bin: one call of grid_sampler, which sees them one below the other.
struct Group {
  std::vector<int64_t> boxes;  ///< their indices
  std::vector<double> rows, columns, row_counts, column_counts;
};
struct GroupKey {
  int64_t image, rows, columns;  ///< samples in a bin

  auto operator<=>(const GroupKey&) const = default;
};

/// Adds positions from -1 (first pixel) to 1 (last pixel), as grid_sampler takes them, and which of them count.
void add_axis(const Samples<double>& samples, int64_t bins, int64_t size, std::vector<double>& positions,
              std::vector<double>& counts) {
  for (int64_t i = 0; i < bins * samples.each; ++i) {
    const double position = samples.position(i);
    positions.push_back(size == 1 ? 0 : 2 * position / static_cast<double>(size - 1) - 1);
    counts.push_back(tap_at(position, size).counts ? 1 : 0);
  }
}

std::map<GroupKey, Group> grouped(const at::Tensor& features, const at::Tensor& rois, const RoiAlignOptions& options) {
  const at::Tensor boxes = rois.to(at::kCPU, at::kDouble).contiguous();
  std::map<GroupKey, Group> groups;
  for (int64_t k = 0; k < boxes.size(0); ++k) {
    const double* roi = boxes.const_data_ptr<double>() + 5 * k;
    const Samples<double> down = samples_of(roi[2], roi[4], options.height, options);
    const Samples<double> across = samples_of(roi[1], roi[3], options.width, options);
    Group& group = groups[{static_cast<int64_t>(roi[0]), down.each, across.each}];
    group.boxes.push_back(k);
    add_axis(down, options.height, features.size(2), group.rows, group.row_counts);
    add_axis(across, options.width, features.size(3), group.columns, group.column_counts);
  }
  return groups;
}

/// @returns [K, C, height, width] of the boxes of a group
at::Tensor align_group(const at::Tensor& map, const GroupKey& key, const Group& group, const RoiAlignOptions& options) {
  const auto boxes = static_cast<int64_t>(group.boxes.size());
  const int64_t rows = options.height * key.rows, columns = options.width * key.columns;
  if (rows == 0 || columns == 0) return at::zeros({boxes, map.size(1), options.height, options.width}, map.options());
  const auto grid_of = [&](const std::vector<double>& along_y, const std::vector<double>& along_x) {
    const at::Tensor y = at::tensor(along_y, at::kDouble).to(map.options()).view({boxes, rows, 1});
    const at::Tensor x = at::tensor(along_x, at::kDouble).to(map.options()).view({boxes, 1, columns});
    return std::pair(y.expand({boxes, rows, columns}), x.expand({boxes, rows, columns}));
  };
  const auto [y, x] = grid_of(group.rows, group.columns);
  const auto [has_y, has_x] = grid_of(group.row_counts, group.column_counts);
  const at::Tensor grid = at::stack({x, y}, -1).view({1, boxes * rows, columns, 2});
  const at::Tensor counts = (has_y * has_x).view({1, 1, boxes * rows, columns});
  at::Tensor sampled = at::grid_sampler_2d(map, grid, /*bilinear*/ 0, /*border*/ 1, /*align_corners=*/true) * counts;
  sampled = at::avg_pool2d(sampled, {key.rows, key.columns});  // [1, C, K height, width]
  return sampled.view({map.size(1), boxes, options.height, options.width}).transpose(0, 1);
}

}  // namespace

at::Tensor roi_align(const at::Tensor& features, const at::Tensor& rois, const RoiAlignOptions& options) {
  if (!features.is_cpu()) return roi_align_composed(features, rois, options);
  return features.scalar_type() == at::kDouble ? align_on_host<double>(features, rois, options)
                                               : align_on_host<float>(features, rois, options);
}

at::Tensor roi_align_composed(const at::Tensor& features, const at::Tensor& rois, const RoiAlignOptions& options) {
  at::Tensor out = at::zeros({rois.size(0), features.size(1), options.height, options.width}, features.options());
  for (const auto& [key, group] : grouped(features, rois, options)) {
    const at::Tensor map = features.narrow(0, key.image, 1);
    out.index_copy_(0, at::tensor(group.boxes, at::kLong).to(out.device()), align_group(map, key, group, options));
  }
  return out;
}

}  // namespace weft::segmentation
