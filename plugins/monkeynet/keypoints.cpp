#include "plugins/monkeynet/keypoints.h"

#include "framework/base/error.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>
#include <c10/util/irange.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace weft::monkeynet {
namespace {

constexpr double kLeastCell = 1e-7;  // keeps the variance of a heatmap with a single cell above 0

/// The entries of matrices, each [...].
struct Entries {
  explicit Entries(const at::Tensor& matrices)
      : a(matrices.select(-2, 0).select(-1, 0)),
        b(matrices.select(-2, 0).select(-1, 1)),
        c(matrices.select(-2, 1).select(-1, 0)),
        d(matrices.select(-2, 1).select(-1, 1)) {}
  at::Tensor a, b, c, d;
};

at::Tensor matrices_of(const at::Tensor& a, const at::Tensor& b, const at::Tensor& c, const at::Tensor& d) {
  return at::stack({at::stack({a, b}, -1), at::stack({c, d}, -1)}, -2);
}

/// [...] -> [..., 2, 2].
at::Tensor of_both_axes(const at::Tensor& variance) {
  const at::Tensor zero = at::zeros_like(variance);
  return matrices_of(variance, zero, zero, variance);
}

at::Tensor inverted(const at::Tensor& matrices) {
  const Entries m(matrices);
  const at::Tensor determinant = m.a * m.d - m.b * m.c;
  return matrices_of(m.d / determinant, -m.b / determinant, -m.c / determinant, m.a / determinant);
}

at::Tensor product(const at::Tensor& left, const at::Tensor& right) {
  return (left.unsqueeze(-1) * right.unsqueeze(-3)).sum(-2);
}

/// The symmetric part of matrices, with eigenvalues above 0.
///
/// The eigenvalues of (a b; b d) are the middle of a and d, plus and minus r; (m - middle) / r has the eigenvalues ±1, so
/// that any two eigenvalues l, s give the matrix (l + s) / 2 + (l - s) / 2 (m - middle) / r.
at::Tensor made_positive(const at::Tensor& matrices) {
  constexpr double kLeast = 1e-6;
  const Entries m((matrices + matrices.transpose(-1, -2)) / 2);
  const at::Tensor middle = (m.a + m.d) / 2, half = (m.a - m.d) / 2;
  const at::Tensor radius = (half.square() + m.b.square()).sqrt();
  const auto repaired = [](const at::Tensor& value) { return value.masked_fill(value.le(0), kLeast); };
  const at::Tensor large = repaired(middle + radius), small = repaired(middle - radius);
  const at::Tensor stretch = (large - small) / 2 / radius.masked_fill(radius.eq(0), 1), mean = (large + small) / 2;
  return matrices_of(mean + stretch * half, stretch * m.b, stretch * m.b, mean - stretch * half);
}

/// Twice the signed area of the triangle of three points.
double turn(const double* a, const double* b, const double* c) {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

/// The area of the convex hull of points: half the sum of the turns along it (Andrew's monotone chain).
/// @param points  [K, 2] double, contiguous, on the CPU
double hull_area(const at::Tensor& points) {
  std::vector<const double*> sorted;
  for (const int64_t k : c10::irange(points.size(0))) sorted.push_back(points.const_data_ptr<double>() + 2 * k);
  std::sort(sorted.begin(), sorted.end(),
            [](const double* a, const double* b) { return a[0] < b[0] || (a[0] == b[0] && a[1] < b[1]); });
  double area = 0;
  for (int side = 0; side < 2; ++side) {
    std::vector<const double*> chain;
    for (const double* point : sorted) {
      while (chain.size() >= 2 && turn(chain[chain.size() - 2], chain.back(), point) <= 0) chain.pop_back();
      chain.push_back(point);
    }
    for (size_t i = 2; i < chain.size(); ++i) area += turn(chain[0], chain[i - 1], chain[i]) / 2;
    std::reverse(sorted.begin(), sorted.end());
  }
  return area;
}

/// sqrt(hull of the source / hull of the first frame) of each sample, [B, 1, 1, 1].
at::Tensor scale_of_motion(const Keypoints& first, const Keypoints& source) {
  const auto areas = [](const Keypoints& keypoints) {
    const at::Tensor points = keypoints.mean.select(1, 0).detach().to(at::kCPU, at::kDouble).contiguous();  // [B, K, 2]
    std::vector<double> all;
    for (const at::Tensor& sample : points.unbind()) all.push_back(hull_area(sample));
    return all;
  };
  const std::vector<double> of_first = areas(first), of_source = areas(source);
  at::Tensor scales = at::full({static_cast<int64_t>(of_first.size()), 1, 1, 1}, 1.0, at::kDouble);
  for (const size_t b : c10::irange(of_first.size())) {
    if (of_first[b] <= 0) {
      throw Error(Exit::Data,
                  "monkeynet.transfer: the keypoints of the first driving frame lie on one line, so that "
                  "their convex hull has no area to compare")
          .hint("set `scale_motion = false`");
    }
    scales[static_cast<int64_t>(b)].fill_(std::sqrt(of_source[b] / of_first[b]));
  }
  return scales.to(source.mean.options());
}

}  // namespace

at::Tensor packed(const Keypoints& keypoints) {
  const Entries v(keypoints.variance.squeeze(1));
  const at::Tensor first = v.a.sqrt(), mixed = v.c / first;
  const at::Tensor factor = at::stack({first, mixed, (v.d - mixed.square()).sqrt()}, -1);
  return at::cat({keypoints.mean.squeeze(1), factor}, -1);
}

Keypoints unpacked(const at::Tensor& numbers) {
  const std::vector<at::Tensor> n = numbers.unsqueeze(1).unbind(-1);  // each [B, 1, K]
  return {.mean = numbers.unsqueeze(1).narrow(-1, 0, 2),
          .variance = matrices_of(n[2].square(), n[2] * n[3], n[2] * n[3], n[3].square() + n[4].square())};
}

at::Tensor pixel_grid(int64_t height, int64_t width, const at::TensorOptions& options) {
  const at::Tensor x = at::linspace(-1, 1, width, options), y = at::linspace(-1, 1, height, options);
  return at::stack({x.expand({height, width}), y.unsqueeze(1).expand({height, width})}, -1);
}

Keypoints keypoints_of(const at::Tensor& heatmaps, const VarianceOptions& options) {
  const at::Tensor cells = (heatmaps.transpose(1, 2) + kLeastCell).unsqueeze(-1);              // [B, D, K, H, W, 1]
  const at::Tensor grid = pixel_grid(heatmaps.size(3), heatmaps.size(4), heatmaps.options());  // [H, W, 2]
  Keypoints found;
  found.mean = (cells * grid).sum({3, 4});  // [B, D, K, 2]
  if (options.form == VarianceOptions::Form::Fixed) {
    found.variance = of_both_axes(at::full_like(found.mean.select(-1, 0), options.fixed));
    return found;
  }
  const at::Tensor distance = grid - found.mean.unsqueeze(-2).unsqueeze(-2);  // [B, D, K, H, W, 2]
  const at::Tensor squares = (cells * distance.square()).sum({3, 4});         // [B, D, K, 2]
  if (options.form == VarianceOptions::Form::Single) {
    found.variance = of_both_axes(squares.mean(-1));
    return found;
  }
  const at::Tensor mixed = (cells.squeeze(-1) * distance.select(-1, 0) * distance.select(-1, 1)).sum({3, 4});
  found.variance = matrices_of(squares.select(-1, 0), mixed, mixed, squares.select(-1, 1));  // [B, D, K, 2, 2]
  if (options.least) {
    const at::Tensor smallest = smaller_singular_value(found.variance).unsqueeze(-1).unsqueeze(-1);
    found.variance = found.variance * (smallest.clamp_min(*options.least) / smallest);
  }
  return found;
}

at::Tensor gaussians(const Keypoints& keypoints, int64_t height, int64_t width) {
  const at::Tensor grid = pixel_grid(height, width, keypoints.mean.options());
  const at::Tensor distance = grid - keypoints.mean.unsqueeze(-2).unsqueeze(-2);  // [B, D, K, H, W, 2]
  const at::Tensor x = distance.select(-1, 0), y = distance.select(-1, 1);
  const Entries precision(inverted(keypoints.variance).unsqueeze(-3).unsqueeze(-3));  // each [B, D, K, 1, 1]
  const at::Tensor exponent = precision.a * x.square() + (precision.b + precision.c) * x * y + precision.d * y.square();
  return (-0.5 * exponent).exp();
}

at::Tensor smaller_singular_value(const at::Tensor& matrices) {
  const Entries m(matrices.to(at::kDouble));
  const at::Tensor first = m.a.square() + m.b.square(), second = m.c.square() + m.d.square();
  const at::Tensor spread = ((first - second).square() + 4 * (m.a * m.c + m.b * m.d).square()).sqrt();
  return ((first + second - spread) / 2).sqrt().to(matrices.scalar_type());
}

Keypoints transferred(const Keypoints& driving, const Keypoints& first, const Keypoints& source,
                      const TransferOptions& options) {
  at::Tensor motion = driving.mean - first.mean;
  if (options.scales_motion) motion = motion * scale_of_motion(first, source);
  Keypoints moved{.mean = motion + source.mean, .variance = driving.variance};
  if (options.clips_means) moved.mean = moved.mean.clamp(-1, 1);
  if (options.adapts_variance)
    moved.variance = made_positive(product(product(driving.variance, inverted(first.variance)), source.variance));
  return moved;
}

}  // namespace weft::monkeynet
