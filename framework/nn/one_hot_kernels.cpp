#include "framework/nn/one_hot_kernels.h"

#include "framework/base/processors.h"

#include <ATen/Parallel.h>
#include <c10/util/BFloat16.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace weft::nn {
namespace {

/// Sixteen numbers; the compiler makes of them the widest vectors that the processor has.
using Lane = float __attribute__((vector_size(64)));
constexpr int64_t kLane = 16;
constexpr int kFew = 2, kMany = 4;  // lanes that are summed at a time, in registers
constexpr int64_t kTile = 16;       // pixels that are summed before they are written

/// All that one row of the result is summed from. Functions below that are made for each processor see nothing but numbers
/// and pointers: the compiler puts no function of another kind into them, unless it is told to.
struct Row {
  const int32_t* first;     ///< of the pixels of the sample
  const int32_t* channels;  ///< of Ones
  const int32_t* alike;     ///< of the pixels of the sample
  const int32_t* rows;      ///< that the rows of the kernel read
  const int32_t* columns;   ///< that its columns read, for each pixel of the result
  int64_t kernel_rows, kernel_columns;
  int64_t span;    ///< pixels from the first to the last column of the kernel
  int64_t width;   ///< of the map
  int64_t tap;     ///< numbers of the weights of one tap
  int64_t column;  ///< numbers of one column of weights
};

#define WEFT_INLINE __attribute__((always_inline))

/// Calls `visit(numbers)` for each channel that is 1 at a pixel, with the place of its column among the weights.
template <typename Visit>
inline WEFT_INLINE void for_each_channel(const Row& row, int64_t pixel, int64_t tap, const Visit& visit) {
  const int32_t end = row.first[pixel + 1];
  for (int32_t i = row.first[pixel]; i < end; ++i) visit(tap * row.tap + row.channels[i] * row.column);
}

/// The same for all that is 1 under the kernel at pixel x of the result.
template <typename Visit>
inline WEFT_INLINE void for_each_one(const Row& row, int64_t x, const Visit& visit) {
  const int64_t taps = row.kernel_columns;
  const int32_t* columns = row.columns + x * taps;
  const bool is_inside = columns[0] >= 0 && columns[taps - 1] - columns[0] == row.span;
  for (int64_t p = 0; p < row.kernel_rows; ++p) {
    if (row.rows[p] < 0) continue;
    const int64_t line = row.rows[p] * row.width, tap = p * (taps + 1);
    if (is_inside && row.alike[line + columns[0]] > row.span) {
      for_each_channel(row, line + columns[0], tap + taps, visit);
      continue;
    }
    for (int64_t q = 0; q < taps; ++q) {
      if (columns[q] >= 0) for_each_channel(row, line + columns[q], tap + q, visit);
    }
  }
}

/// sums[0 …] = start[0 …] + the columns of weights, for kLanes lanes.
template <int kLanes>
inline WEFT_INLINE void sum_lanes(const Row& row, int64_t x, const float* start, const float* weights, float* sums) {
  Lane totals[kLanes];
  std::memcpy(totals, start, sizeof totals);
  for_each_one(row, x, [&](int64_t column) WEFT_INLINE {
    for (int lane = 0; lane < kLanes; ++lane) {
      Lane more;
      std::memcpy(&more, weights + column + lane * kLane, sizeof more);
      totals[lane] += more;
    }
  });
  std::memcpy(sums, totals, sizeof totals);
}

/// Sums of `count` pixels of a row from pixel x on, row.column numbers each.
WEFT_FOR_EACH_PROCESSOR("arch=x86-64-v4", "arch=x86-64-v3", "default")
void sum_pixels(const Row& row, int64_t x, int64_t count, const float* bias, const float* weights, float* sums) {
  for (int64_t pixel = 0; pixel < count; ++pixel) {
    int64_t done = 0;
    for (; done + kMany * kLane <= row.column; done += kMany * kLane)
      sum_lanes<kMany>(row, x + pixel, bias + done, weights + done, sums + pixel * row.column + done);
    for (; done < row.column; done += kFew * kLane)
      sum_lanes<kFew>(row, x + pixel, bias + done, weights + done, sums + pixel * row.column + done);
  }
}

/// Adds the gradient of `count` pixels, row.column numbers each, to the columns of weights that were summed there.
WEFT_FOR_EACH_PROCESSOR("arch=x86-64-v4", "arch=x86-64-v3", "default")
void add_pixels(const Row& row, int64_t count, const float* gradient, double* sums) {
  for (int64_t x = 0; x < count; ++x) {
    const float* from = gradient + x * row.column;
    for_each_one(row, x, [&](int64_t column) WEFT_INLINE {
      double* to = sums + column;
      for (int64_t output = 0; output < row.column; ++output) to[output] += static_cast<double>(from[output]);
    });
  }
}

/// Writes a tile of sums, in the order in which the result lies in memory.
template <typename T>
void write(const float* sums, int64_t stride, int64_t pixels, int64_t outputs, T* to, int64_t channel, int64_t pixel) {
  if (channel == 1) {
    for (int64_t x = 0; x < pixels; ++x) {
      for (int64_t output = 0; output < outputs; ++output)
        to[x * pixel + output] = static_cast<T>(sums[x * stride + output]);
    }
  } else {
    for (int64_t output = 0; output < outputs; ++output) {
      for (int64_t x = 0; x < pixels; ++x) to[output * channel + x * pixel] = static_cast<T>(sums[x * stride + output]);
    }
  }
}

}  // namespace

Ones::Ones(const OneHot& map) {
  const at::Tensor ids = map.ids().contiguous();
  const auto* of_group = ids.const_data_ptr<int16_t>();
  const int64_t batch = ids.size(0), groups = ids.size(1), plane = ids.size(2) * ids.size(3);
  std::vector<int32_t> before;  // channels of the groups before each one
  int32_t sum = 0;
  for (const int64_t count : map.channels()) {
    before.push_back(sum);
    sum += static_cast<int32_t>(count);
  }
  first.reserve(static_cast<size_t>(batch * plane + 1));
  channels.resize(static_cast<size_t>(batch * plane * groups));
  int32_t filled = 0;
  for (int64_t sample = 0; sample < batch; ++sample) {
    for (int64_t pixel = 0; pixel < plane; ++pixel) {
      first.push_back(filled);
      for (size_t group = 0; group < before.size(); ++group) {
        const int16_t id = of_group[(sample * groups + static_cast<int64_t>(group)) * plane + pixel];
        // Written in any case, counted where it is a channel: no branch to guess.
        channels[static_cast<size_t>(filled)] = before[group] + id;
        filled += id < map.channels()[group] ? 1 : 0;
      }
    }
  }
  first.push_back(filled);
  find_alike(of_group, ids.sizes());
}

void Ones::find_alike(const int16_t* ids, at::IntArrayRef sizes) {
  const int64_t groups = sizes[1], width = sizes[3], plane = sizes[2] * width;
  alike.assign(static_cast<size_t>(sizes[0] * plane), 1);
  for (int64_t sample = 0; sample < sizes[0]; ++sample) {
    const int16_t* own = ids + sample * groups * plane;
    for (int64_t pixel = plane - 2; pixel >= 0; --pixel) {
      if (pixel % width == width - 1) continue;  // the last of its row
      bool is_alike = true;
      for (int64_t group = 0; group < groups; ++group)
        is_alike = is_alike && own[group * plane + pixel] == own[group * plane + pixel + 1];
      const auto at = static_cast<size_t>(sample * plane + pixel);
      if (is_alike) alike[at] = alike[at + 1] + 1;
    }
  }
}

int64_t GatherLoops::padded(int64_t outputs) {
  constexpr int64_t kLeast = kFew * kLane;
  return (outputs + kLeast - 1) / kLeast * kLeast;
}

template <typename T>
void GatherLoops::sum(const float* bias, const float* weights, const Map<T>& result) const {
  const int64_t column = padded(outputs), of_rows = rows.outputs(), of_columns = columns.outputs();
  at::parallel_for(0, batch * of_rows, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> sums(static_cast<size_t>(kTile * column));
    for (int64_t index = begin; index < end; ++index) {
      const int64_t sample = index / of_rows, y = index % of_rows;
      const Row row{ones.first.data() + sample * height * width,
                    ones.channels.data(),
                    ones.alike.data() + sample * height * width,
                    rows.of_output(y),
                    columns.of_output(0),
                    rows.kernel(),
                    columns.kernel(),
                    (columns.kernel() - 1) * columns.dilation(),
                    width,
                    channels * column,
                    column};
      T* to = result.numbers + sample * result.sample + y * result.row;
      for (int64_t x = 0; x < of_columns; x += kTile) {
        const int64_t count = std::min(kTile, of_columns - x);
        sum_pixels(row, x, count, bias, weights, sums.data());
        write(sums.data(), column, count, outputs, to + x * result.pixel, result.channel, result.pixel);
      }
    }
  });
}

template void GatherLoops::sum(const float*, const float*, const Map<float>&) const;
template void GatherLoops::sum(const float*, const float*, const Map<c10::BFloat16>&) const;

void GatherLoops::add_gradient(const float* gradient, double* sums) const {
  const int64_t of_rows = rows.outputs(), row_numbers = columns.outputs() * outputs;
  // A thread has rows of the kernel to itself, so that nothing is added from two sides.
  at::parallel_for(0, rows.kernel(), 1, [&](int64_t begin, int64_t end) {
    for (int64_t index = 0; index < batch * of_rows; ++index) {
      const int64_t sample = index / of_rows, y = index % of_rows;
      for (int64_t p = begin; p < end; ++p) {
        const Row row{ones.first.data() + sample * height * width,
                      ones.channels.data(),
                      ones.alike.data() + sample * height * width,
                      rows.of_output(y) + p,
                      columns.of_output(0),
                      1,
                      columns.kernel(),
                      (columns.kernel() - 1) * columns.dilation(),
                      width,
                      channels * outputs,
                      outputs};
        add_pixels(row, columns.outputs(), gradient + index * row_numbers,
                   sums + p * (columns.kernel() + 1) * channels * outputs);
      }
    }
  });
}

}  // namespace weft::nn
