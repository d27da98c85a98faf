#pragma once

#include "framework/nn/one_hot_conv.h"

#include <cstdint>
#include <vector>

namespace weft::nn {

/// The channels that are 1, pixel by pixel: those of pixel p are channels[first[p]] … channels[first[p + 1] - 1]. Pixels are
/// counted through the batch, row by row.
struct Ones {
  explicit Ones(const OneHot& map);

  std::vector<int32_t> first, channels;
  std::vector<int32_t>
      alike;  ///< how many pixels of a row, from each one to the right, have the same channels; 1 at least

 private:
  void find_alike(const int16_t* ids, at::IntArrayRef sizes);
};

/// The loops of gathered_conv2d, over memory.
///
/// Label maps are the same for many pixels of a row. Where a row of the kernel sees one and the same pixel all along, the sum of
/// its taps' weights, which stands beside them, is added once: a seventh of the additions of a kernel of 7x7.
struct GatherLoops {
  const Ones& ones;
  const TapAxis& rows;
  const TapAxis& columns;
  int64_t batch, height, width;  ///< of the map
  int64_t channels;              ///< of the map
  int64_t outputs;               ///< channels of the result

  /// Numbers of a column of weights in memory: outputs, rounded up to whole vectors.
  static int64_t padded(int64_t outputs);

  /// Where the number of channel 0 at the first pixel is, and how far it is to the next channel, pixel, row and sample.
  template <typename T>
  struct Map {
    T* numbers;
    int64_t channel, pixel, row, sample;
  };
  /// Writes all sums.
  /// @param bias     [padded(outputs)]
  /// @param weights  [k, k + 1, channels, padded(outputs)]: behind the taps of each row of the kernel their sum
  template <typename T>
  void sum(const float* bias, const float* weights, const Map<T>& result) const;

  /// Adds the gradient of the weights, tap by tap.
  /// @param gradient  [batch, rows.outputs(), columns.outputs(), outputs]
  /// @param sums      [k, k + 1, channels, outputs]: behind the taps of each row what is of all of them
  void add_gradient(const float* gradient, double* sums) const;
};

}  // namespace weft::nn
