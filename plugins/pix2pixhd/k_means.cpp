#include "plugins/pix2pixhd/k_means.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/multinomial.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <limits>
#include <vector>

namespace weft::pix2pixhd {
namespace {

constexpr int kRuns = 10, kSteps = 300;
constexpr double kTolerance = 1e-4;

/// Squared distances, [N, K].
at::Tensor distances(const at::Tensor& rows, const at::Tensor& centres) {
  return (rows.unsqueeze(1) - centres.unsqueeze(0)).square().sum(2);
}

/// Each further centre is a row, drawn with a probability in proportion to its squared distance from the nearest centre.
at::Tensor first_centres(const at::Tensor& rows, int64_t count, at::Generator generator) {
  at::Tensor weights = at::ones_like(rows.select(1, 0));  // [N]
  std::vector<at::Tensor> centres;
  while (static_cast<int64_t>(centres.size()) < count) {
    centres.push_back(rows.index_select(0, at::multinomial(weights, 1, true, generator)));
    const at::Tensor nearest = distances(rows, centres.back()).select(1, 0);
    weights = centres.size() == 1 ? nearest : at::minimum(weights, nearest);
    if (weights.sum().item<double>() == 0) weights = at::ones_like(weights);  // fewer different rows than centres
  }
  return at::cat(centres);
}

/// The means of the rows that are nearest to each centre; a centre that is nearest to none stays.
at::Tensor moved(const at::Tensor& rows, const at::Tensor& nearest, const at::Tensor& centres) {
  const at::Tensor sums = at::zeros_like(centres).index_add(0, nearest, rows);
  const at::Tensor counts =
      at::zeros({centres.size(0), 1}, rows.options()).index_add(0, nearest, at::ones_like(rows.narrow(1, 0, 1)));
  return at::where(counts > 0, sums / counts.clamp_min(1), centres);
}

}  // namespace

at::Tensor k_means(const at::Tensor& rows, int64_t count, at::Generator generator) {
  const at::Tensor exact = rows.to(at::kDouble);
  const double smallest_move = kTolerance * exact.var(0, /*unbiased=*/false).mean().item<double>();
  at::Tensor best;
  double least = std::numeric_limits<double>::infinity();
  for (int run = 0; run < kRuns; ++run) {
    at::Tensor centres = first_centres(exact, count, generator);
    for (int step = 0; step < kSteps; ++step) {
      const at::Tensor before = centres;
      centres = moved(exact, distances(exact, centres).argmin(1), centres);
      if ((centres - before).square().sum().item<double>() <= smallest_move) break;
    }
    const double inertia = distances(exact, centres).amin(1).sum().item<double>();
    if (inertia < least || !best.defined()) best = centres, least = inertia;
  }
  return best.to(rows.scalar_type());
}

}  // namespace weft::pix2pixhd
