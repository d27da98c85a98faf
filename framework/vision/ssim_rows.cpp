#include "framework/vision/ssim_rows.h"

#include "framework/base/processors.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <array>
#include <cmath>

// The compiler makes two versions and the processor chooses: four numbers at a time where it can.
#define WEFT_WIDE WEFT_FOR_EACH_PROCESSOR("arch=haswell", "default")

namespace weft::vision {
namespace {

constexpr size_t kRadius = 5, kSize = 2 * kRadius + 1;
constexpr double kDeviation = 1.5;

/// Weights of the centre and of the pixels at distances 1 to 5 on either side; all eleven sum up to 1.
std::array<double, kRadius + 1> gaussian() {
  std::array<double, kRadius + 1> weights{};
  double sum = 0;
  for (size_t i = 0; i <= kRadius; ++i) {
    const auto distance = static_cast<double>(i);
    weights[i] = std::exp(-distance * distance / (2 * kDeviation * kDeviation));
    sum += i == 0 ? weights[i] : 2 * weights[i];
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

/// Only the sum of both second moments is needed.
enum Moment : size_t { kX, kY, kSquares, kProduct, kMoments };

struct Constants {
  std::array<double, kRadius + 1> weights;
  double c1, c2;
};
struct Sums {
  double similarity = 0, contrast = 0;
};

/// Moments of one row of pixels: rows[kX] …, `width` numbers each.
WEFT_WIDE void multiply_row(const double* x, const double* y, size_t width, double* __restrict row) {
  double *first = row, *second = row + width, *squares = row + 2 * width, *product = row + 3 * width;
  for (size_t i = 0; i < width; ++i) {
    first[i] = x[i];
    second[i] = y[i];
    squares[i] = x[i] * x[i] + y[i] * y[i];
    product[i] = x[i] * y[i];
  }
}

/// The weighted sum of eleven rows, `count` numbers each.
WEFT_WIDE void sum_rows(const std::array<const double*, kSize>& rows, size_t count, const Constants& k,
                        double* __restrict sum) {
  const double *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3], *r4 = rows[4], *r5 = rows[5], *r6 = rows[6],
               *r7 = rows[7], *r8 = rows[8], *r9 = rows[9], *r10 = rows[10];
  const double w0 = k.weights[0], w1 = k.weights[1], w2 = k.weights[2], w3 = k.weights[3], w4 = k.weights[4],
               w5 = k.weights[5];
  for (size_t i = 0; i < count; ++i) {
    sum[i] = w0 * r5[i] + w1 * (r4[i] + r6[i]) + w2 * (r3[i] + r7[i]) + w3 * (r2[i] + r8[i]) + w4 * (r1[i] + r9[i]) +
             w5 * (r0[i] + r10[i]);
  }
}

/// The same along a row: eleven neighbours of each pixel that has them.
void sum_columns(const double* row, size_t count, const Constants& k, double* __restrict sum) {
  std::array<const double*, kSize> shifted{};
  for (size_t i = 0; i < kSize; ++i) shifted[i] = row + i;
  sum_rows(shifted, count, k, sum);
}

/// Adds S and K of each window of a row to the sums of its column, which the compiler can do for several at a time.
WEFT_WIDE void compare_row(const double* moments, size_t count, const Constants& k, double* __restrict similarity,
                           double* __restrict contrast) {
  const double *mx = moments, *my = moments + count, *squares = moments + 2 * count, *product = moments + 3 * count;
  const double c1 = k.c1, c2 = k.c2;
  for (size_t i = 0; i < count; ++i) {
    const double mxy = mx[i] * my[i], both = mx[i] * mx[i] + my[i] * my[i];
    const double covariance = 2 * (product[i] - mxy) + c2, variances = squares[i] - both + c2, means = both + c1;
    const double ratio = covariance / (means * variances);
    contrast[i] += ratio * means;
    similarity[i] += ratio * (2 * mxy + c1);
  }
}

template <typename Number>
void widen(const Number* from, size_t count, double* to) {
  for (size_t i = 0; i < count; ++i) to[i] = static_cast<double>(from[i]);
}

/// Columns of windows at a time: their eleven rows of moments stay in the first cache.
constexpr size_t kTile = 64, kTileWidth = kTile + kSize - 1;

/// Sums over the windows of a strip of `width` columns; rows are `stride` numbers apart.
template <typename Number>
void compare_strip(const Number* a, const Number* b, size_t height, size_t width, size_t stride, const Constants& k,
                   Sums& sums) {
  const size_t inner = width - kSize + 1;
  std::array<std::array<double, kMoments * kTileWidth>, kSize> ring;
  std::array<double, kMoments * kTileWidth> down, across;
  std::array<double, kTileWidth> x, y;
  std::array<double, kTile> similarity{}, contrast{};
  for (size_t line = 0; line < height; ++line) {
    widen(a + line * stride, width, x.data());
    widen(b + line * stride, width, y.data());
    multiply_row(x.data(), y.data(), width, ring[line % kSize].data());
    if (line + 1 < kSize) continue;
    std::array<const double*, kSize> rows{};
    for (size_t i = 0; i < kSize; ++i) rows[i] = ring[(line + 1 + i) % kSize].data();
    sum_rows(rows, kMoments * width, k, down.data());
    for (size_t moment = 0; moment < kMoments; ++moment)
      sum_columns(&down[moment * width], inner, k, &across[moment * inner]);
    compare_row(across.data(), inner, k, similarity.data(), contrast.data());
  }
  for (size_t i = 0; i < inner; ++i) {
    sums.similarity += similarity[i];
    sums.contrast += contrast[i];
  }
}

/// Means over one plane.
template <typename Number>
Sums compare_plane(const Number* a, const Number* b, size_t height, size_t width, const Constants& k) {
  const size_t inner = width - kSize + 1;
  Sums sums;
  for (size_t first = 0; first < inner; first += kTile) {
    const size_t columns = std::min(kTile, inner - first) + kSize - 1;
    compare_strip(a + first, b + first, height, columns, width, k, sums);
  }
  const auto windows = static_cast<double>(inner * (height - kSize + 1));
  return {sums.similarity / windows, sums.contrast / windows};
}

template <typename Number>
SsimMeans compare(const at::Tensor& a, const at::Tensor& b, const Constants& k) {
  const auto height = static_cast<size_t>(a.size(2)), width = static_cast<size_t>(a.size(3));
  SsimMeans means{at::empty({a.size(0), a.size(1)}, at::kDouble), at::empty({a.size(0), a.size(1)}, at::kDouble)};
  auto* similarity = means.similarity.mutable_data_ptr<double>();
  auto* contrast = means.contrast.mutable_data_ptr<double>();
  const Number *of_a = a.const_data_ptr<Number>(), *of_b = b.const_data_ptr<Number>();
  at::parallel_for(0, a.size(0) * a.size(1), 1, [&](int64_t first, int64_t last) {
    for (int64_t plane = first; plane < last; ++plane) {
      const size_t offset = static_cast<size_t>(plane) * height * width;
      const Sums of_plane = compare_plane(of_a + offset, of_b + offset, height, width, k);
      similarity[plane] = of_plane.similarity;
      contrast[plane] = of_plane.contrast;
    }
  });
  return means;
}

}  // namespace

SsimMeans ssim_by_rows(const at::Tensor& a, const at::Tensor& b, double range) {
  const Constants k{gaussian(), 0.01 * range * 0.01 * range, 0.03 * range * 0.03 * range};
  const bool is_double = a.scalar_type() == at::kDouble || b.scalar_type() == at::kDouble;
  const at::ScalarType type = is_double ? at::kDouble : at::kFloat;
  const at::Tensor x = a.to(type).contiguous(), y = b.to(type).contiguous();
  return is_double ? compare<double>(x, y, k) : compare<float>(x, y, k);
}

}  // namespace weft::vision
