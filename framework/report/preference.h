#pragma once

#include <cstdint>
#include <vector>

namespace weft::report {

/// Statistics of forced-choice preferences: which of two methods people chose.

/// 97.5th percentile of the normal distribution: intervals of 95 %.
inline constexpr double kZ95 = 1.959963984540054;

/// The part of an interval of shares, in [0, 1].
struct Interval {
  double low = 0, high = 1;
};

/// Wilson's interval of a share: `wins` of `answers`. [0, 1] without answers.
/// Source: Wilson 1927. @param z  quantile of the normal distribution
Interval wilson_interval(int64_t wins, int64_t answers, double z = kZ95);

/// Clopper and Pearson's exact interval; wider than Wilson's.
/// @param confidence  in (0, 1)
Interval clopper_pearson_interval(int64_t wins, int64_t answers, double confidence = 0.95);

/// Exact two-sided binomial test against one half: the probability of a result that is at least as unlikely. 1 without
/// answers.
double binomial_p_value(int64_t wins, int64_t answers);

/// Strengths of methods from pairwise wins.
struct BradleyTerry {
  std::vector<double> shares;         ///< p, sums up to 1: P(i beats j) = p_i / (p_i + p_j)
  std::vector<double> log_strengths;  ///< log p, with mean 0
  std::vector<double> errors;         ///< standard errors of the log strengths
  double log_likelihood = 0;          ///< of the wins, of the prior nothing
  bool has_prior = false;             ///< half a win was added for each ordered pair

  /// Elo ratings: 400 / ln 10 times the log strengths.
  std::vector<double> elo() const;
};

/// The strengths with the largest likelihood, by Hunter's iterations; errors from the Fisher information.
///
/// Only if every method can be reached from every other one along wins are they finite and unique. Otherwise half a win is
/// added for each ordered pair, and `has_prior` says so.
/// Source: Bradley and Terry 1952; Hunter 2004, "MM algorithms for generalized Bradley-Terry models".
/// @param wins  wins[i][j]: how often i was chosen over j, not negative; half wins stand for ties
/// @throws Error  (Data) for fewer than two methods, a table that is not square, a negative or infinite number, or no win
BradleyTerry bradley_terry(const std::vector<std::vector<double>>& wins);

}  // namespace weft::report
