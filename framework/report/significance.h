#pragma once

#include <vector>

namespace weft::report {

/// Two-sided p-value of Student's t with `freedom` degrees of freedom: the probability of a |t| at least as large.
/// @param freedom  from 1
double student_p_value(double t, double freedom);

/// Two-sided p-value of the paired t-test: whether the mean of a[i] - b[i] is other than 0. 1 for fewer than two pairs and
/// where all differences are 0; 0 where all differences are one other number.
/// @param b  as long as `a`
double paired_p_value(const std::vector<double>& a, const std::vector<double>& b);

/// Holm's correction (1979) of p-values for their number, in the same order; none above 1.
std::vector<double> holm_corrected(const std::vector<double>& p_values);

/// The mean, and the standard deviation of the sample: over n-1, 0 for one value.
struct Spread {
  double mean = 0, deviation = 0;
};
/// @param values  at least one
Spread spread_of(const std::vector<double>& values);

}  // namespace weft::report
