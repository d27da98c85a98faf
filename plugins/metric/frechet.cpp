#include "plugins/metric/frechet.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/linalg_eigh.h>
#include <ATen/ops/linalg_eigvalsh.h>
#include <ATen/ops/linalg_svdvals.h>
#include <ATen/ops/randint.h>

#include <cmath>
#include <vector>

namespace weft::metric {
namespace {

double number(const at::Tensor& tensor) {
  return tensor.item<double>();
}

double divisor_of(const Moments& moments, Divisor divisor) {
  return static_cast<double>(divisor == Divisor::Unbiased ? moments.count() - 1 : moments.count());
}

double root_sum(const at::Tensor& eigenvalues) {
  return number(eigenvalues.clamp_min(0).sqrt().sum());
}

void check(const Moments& a, const Moments& b) {
  for (const Moments* set : {&a, &b}) {
    if (set->count() >= 2) continue;
    throw Error(Exit::Data, text("a Fréchet distance needs at least two feature vectors of each set, but ",
                                 set == &a ? "`real`" : "`fake`", " has ", set->count()))
        .hint("run over more frames or sequences");
  }
  if (a.dimensions() == b.dimensions()) return;
  throw Error(Exit::Data, text("the features of `real` are vectors of ", a.dimensions(),
                               " numbers, those of `fake` of ", b.dimensions()))
      .hint("take both from the same layer");
}

/// Tr (S1 S2)^(1/2) times the roots of both divisors.
double scaled_root_trace(const Moments& a, const Moments& b) {
  const auto rows1 = a.centred(), rows2 = b.centred();
  // The singular values of A B^T are the roots of the eigenvalues of (A^T A)(B^T B).
  if (rows1 && rows2) return number(at::linalg_svdvals(rows1->matmul(rows2->t())).sum());
  if (!rows1 && !rows2) return root_trace_of(a.scatter(), b.scatter());
  // Those of A S A^T, which is the smaller matrix.
  const at::Tensor& rows = rows1 ? *rows1 : *rows2;
  const at::Tensor inner = rows.matmul((rows1 ? b : a).scatter()).matmul(rows.t());
  return root_sum(at::linalg_eigvalsh((inner + inner.t()) / 2));
}

}  // namespace

double root_trace_of(const at::Tensor& covariance1, const at::Tensor& covariance2) {
  const auto [eigenvalues, vectors] = at::linalg_eigh(covariance1);
  const at::Tensor root = (vectors * eigenvalues.clamp_min(0).sqrt()).matmul(vectors.t());
  const at::Tensor product = root.matmul(covariance2).matmul(root);
  return root_sum(at::linalg_eigvalsh((product + product.t()) / 2));
}

Frechet frechet(const Moments& a, const Moments& b, Divisor divisor) {
  check(a, b);
  const double by1 = divisor_of(a, divisor), by2 = divisor_of(b, divisor);
  const auto trace = [](const Moments& set) {
    const auto rows = set.centred();
    return rows ? number(rows->square().sum()) : number(set.scatter().diagonal().sum());
  };
  Frechet result;
  result.mean_term = number((a.mean() - b.mean()).square().sum());
  result.trace1 = trace(a) / by1;
  result.trace2 = trace(b) / by2;
  result.root_trace = scaled_root_trace(a, b) / std::sqrt(by1 * by2);
  result.distance = result.mean_term + result.trace1 + result.trace2 - 2 * result.root_trace;
  return result;
}

Spread bootstrap(const at::Tensor& a, const at::Tensor& b, Divisor divisor, int64_t repetitions,
                 at::Generator generator) {
  const auto drawn = [&](const at::Tensor& set) {
    Moments moments;
    moments.add(set.index_select(0, at::randint(set.size(0), {set.size(0)}, generator, at::kLong)));
    return moments;
  };
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < repetitions; ++i) {
    const double distance = frechet(drawn(a), drawn(b), divisor).distance;
    sum += distance;
    squares += distance * distance;
  }
  const auto n = static_cast<double>(repetitions);
  return {n > 1 ? std::sqrt(std::max(0.0, (squares - sum * sum / n) / (n - 1))) : 0, repetitions};
}

}  // namespace weft::metric
