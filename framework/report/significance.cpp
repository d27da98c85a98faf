#include "framework/report/significance.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace weft::report {
namespace {

constexpr int kMostTerms = 300;

/// The continued fraction of the incomplete beta function, by Lentz's method; converges for x < (a+1)/(a+b+2).
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  const auto away_from_zero = [](double value) { return std::abs(value) < kTiny ? kTiny : value; };
  double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
  double fraction = d;
  for (int m = 1; m <= kMostTerms; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    const double before = fraction;
    for (const double term : {even, odd}) {
      d = 1 / away_from_zero(1 + term * d);
      c = away_from_zero(1 + term / c);
      fraction *= d * c;
    }
    if (std::abs(fraction - before) < std::abs(fraction) * std::numeric_limits<double>::epsilon()) break;
  }
  return fraction;
}

/// The regularised incomplete beta function I_x(a, b).
double incomplete_beta(double a, double b, double x) {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incomplete_beta(b, a, 1 - x);
  const double log_front = std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x);
  return std::exp(log_front) * beta_fraction(a, b, x) / a;
}

}  // namespace

double student_p_value(double t, double freedom) {
  return incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t));
}

Spread spread_of(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  // From the first value on, so that equal values have no deviation by rounding.
  double beyond_first = 0;
  for (const double value : values) beyond_first += value - values.front();
  Spread spread{values.front() + beyond_first / count, 0};
  double squares = 0;
  for (const double value : values) squares += (value - spread.mean) * (value - spread.mean);
  if (values.size() > 1) spread.deviation = std::sqrt(squares / (count - 1));
  return spread;
}

double paired_p_value(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() < 2) return 1;
  std::vector<double> differences;
  for (size_t i = 0; i < a.size(); ++i) differences.push_back(a[i] - b[i]);
  const Spread spread = spread_of(differences);
  if (spread.deviation == 0) return spread.mean == 0 ? 1 : 0;
  const auto count = static_cast<double>(a.size());
  return student_p_value(spread.mean / (spread.deviation / std::sqrt(count)), count - 1);
}

std::vector<double> holm_corrected(const std::vector<double>& p_values) {
  std::vector<size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](size_t i, size_t j) { return p_values[i] < p_values[j]; });
  std::vector<double> corrected(p_values.size());
  double largest = 0;
  for (size_t rank = 0; rank < order.size(); ++rank) {
    largest = std::max(largest, static_cast<double>(order.size() - rank) * p_values[order[rank]]);
    corrected[order[rank]] = std::min(1.0, largest);
  }
  return corrected;
}

}  // namespace weft::report
