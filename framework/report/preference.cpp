#include "framework/report/preference.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/linalg_pinv.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>

namespace weft::report {
namespace {

using Table = std::vector<std::vector<double>>;

double log_choose(int64_t n, int64_t k) {
  const auto log_factorial = [](int64_t m) { return std::lgamma(static_cast<double>(m) + 1); };
  return log_factorial(n) - log_factorial(k) - log_factorial(n - k);
}

/// P(first <= X <= last) of a binomial distribution.
double binomial_share(int64_t first, int64_t last, int64_t n, double p) {
  if (p <= 0) return first <= 0 ? 1 : 0;
  if (p >= 1) return last >= n ? 1 : 0;
  double sum = 0;
  for (int64_t k = first; k <= last; ++k) {
    sum +=
        std::exp(log_choose(n, k) + static_cast<double>(k) * std::log(p) + static_cast<double>(n - k) * std::log1p(-p));
  }
  return std::min(sum, 1.0);
}

/// Where a function that grows over [0, 1] passes `value`.
double solve(const std::function<double(double)>& grows, double value) {
  double low = 0, high = 1;
  for (int i = 0; i < 200 && high - low > 1e-15; ++i) {
    const double middle = (low + high) / 2;
    (grows(middle) < value ? low : high) = middle;
  }
  return (low + high) / 2;
}

void check(const Table& wins) {
  const size_t methods = wins.size();
  if (methods < 2) throw Error(Exit::Data, "strengths need at least two methods to compare");
  double sum = 0;
  for (size_t i = 0; i < methods; ++i) {
    if (wins[i].size() != methods)
      throw Error(Exit::Data,
                  text("row ", i, " of the wins has ", wins[i].size(), " numbers for ", methods, " methods"));
    for (size_t j = 0; j < methods; ++j) {
      if (!(wins[i][j] >= 0) || !std::isfinite(wins[i][j]))
        throw Error(Exit::Data, text("the number of wins of method ", i, " over ", j, " is ", wins[i][j]));
      if (i != j) sum += wins[i][j];
    }
  }
  if (sum == 0) throw Error(Exit::Data, "there is no answer: no method was chosen over another one");
}

/// Whether wins lead from the first method to all others, or back from them.
bool reaches_all(const Table& wins, bool is_backwards) {
  std::vector<bool> reached(wins.size());
  std::vector<size_t> open{0};
  reached[0] = true;
  size_t count = 0;
  while (!open.empty()) {
    const size_t i = open.back();
    open.pop_back();
    ++count;
    for (size_t j = 0; j < wins.size(); ++j) {
      if (reached[j] || (is_backwards ? wins[j][i] : wins[i][j]) <= 0) continue;
      reached[j] = true;
      open.push_back(j);
    }
  }
  return count == wins.size();
}

std::vector<double> iterate(const Table& wins) {
  constexpr int kMostIterations = 100'000;
  constexpr double kSmallestChange = 1e-12;
  const size_t methods = wins.size();
  std::vector<double> p(methods, 1.0 / static_cast<double>(methods)), next(methods);
  for (int iteration = 0; iteration < kMostIterations; ++iteration) {
    double sum = 0;
    for (size_t i = 0; i < methods; ++i) {
      double won = 0, weight = 0;
      for (size_t j = 0; j < methods; ++j) {
        if (j == i) continue;
        won += wins[i][j];
        weight += (wins[i][j] + wins[j][i]) / (p[i] + p[j]);
      }
      next[i] = won / weight;
      sum += next[i];
    }
    double change = 0;
    for (size_t i = 0; i < methods; ++i) {
      change = std::max(change, std::abs(next[i] / sum - p[i]));
      p[i] = next[i] / sum;
    }
    if (change < kSmallestChange) break;
  }
  return p;
}

/// Roots of the diagonal of the pseudo-inverse of the Fisher information.
std::vector<double> errors_of(const Table& wins, const std::vector<double>& p) {
  const auto methods = static_cast<int64_t>(p.size());
  const at::Tensor information = at::zeros({methods, methods}, at::kDouble);
  auto entry = information.accessor<double, 2>();
  for (size_t i = 0; i < p.size(); ++i) {
    for (size_t j = 0; j < p.size(); ++j) {
      if (i == j) continue;
      const double of_pair = (wins[i][j] + wins[j][i]) * p[i] * p[j] / ((p[i] + p[j]) * (p[i] + p[j]));
      const auto row = static_cast<int64_t>(i), column = static_cast<int64_t>(j);
      entry[row][row] += of_pair;
      entry[row][column] -= of_pair;
    }
  }
  const at::Tensor variances = at::linalg_pinv(information, 1e-12, /*hermitian=*/true).diagonal().contiguous();
  std::vector<double> errors;
  for (int64_t i = 0; i < methods; ++i) errors.push_back(std::sqrt(std::max(0.0, variances[i].item<double>())));
  return errors;
}

double log_likelihood_of(const Table& wins, const std::vector<double>& p) {
  double sum = 0;
  for (size_t i = 0; i < p.size(); ++i) {
    for (size_t j = 0; j < p.size(); ++j) {
      if (i != j && wins[i][j] > 0) sum += wins[i][j] * std::log(p[i] / (p[i] + p[j]));
    }
  }
  return sum;
}

}  // namespace

Interval wilson_interval(int64_t wins, int64_t answers, double z) {
  assert(wins >= 0 && wins <= answers);
  if (answers == 0) return {0, 1};
  const auto n = static_cast<double>(answers);
  const double share = static_cast<double>(wins) / n, scale = 1 + z * z / n;
  const double centre = (share + z * z / (2 * n)) / scale;
  const double half = z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale;
  return {std::max(0.0, centre - half), std::min(1.0, centre + half)};
}

Interval clopper_pearson_interval(int64_t wins, int64_t answers, double confidence) {
  assert(wins >= 0 && wins <= answers);
  const double tail = (1 - confidence) / 2;
  Interval interval;
  if (wins > 0) interval.low = solve([&](double p) { return binomial_share(wins, answers, answers, p); }, tail);
  if (wins < answers)
    interval.high = solve([&](double p) { return 1 - binomial_share(0, wins, answers, p); }, 1 - tail);
  return interval;
}

double binomial_p_value(int64_t wins, int64_t answers) {
  assert(wins >= 0 && wins <= answers);
  // Symmetric about one half: twice the smaller tail.
  return std::min(1.0, 2 * binomial_share(0, std::min(wins, answers - wins), answers, 0.5));
}

std::vector<double> BradleyTerry::elo() const {
  std::vector<double> ratings;
  for (const double strength : log_strengths) ratings.push_back(400 / std::log(10.0) * strength);
  return ratings;
}

BradleyTerry bradley_terry(const Table& wins) {
  check(wins);
  BradleyTerry result;
  Table counted = wins;
  result.has_prior = !reaches_all(wins, false) || !reaches_all(wins, true);
  if (result.has_prior) {
    for (size_t i = 0; i < counted.size(); ++i) {
      for (size_t j = 0; j < counted.size(); ++j) counted[i][j] += i == j ? 0 : 0.5;
    }
  }
  result.shares = iterate(counted);
  double sum = 0;
  for (const double share : result.shares) sum += std::log(share);
  for (const double share : result.shares)
    result.log_strengths.push_back(std::log(share) - sum / static_cast<double>(result.shares.size()));
  result.errors = errors_of(counted, result.shares);
  result.log_likelihood = log_likelihood_of(wins, result.shares);
  return result;
}

}  // namespace weft::report
