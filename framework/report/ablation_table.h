#pragma once

#include "framework/report/metric_table.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace weft::report {

/// The metrics of an ablation: variants in rows, metrics in columns, each over some seeds. The first row is the one that the
/// others are compared with.
class AblationTable {
 public:
  /// @param columns  the metrics to show, in this order; none: all, in the order of their first number
  AblationTable(std::vector<std::string> rows, std::vector<std::string> columns);

  /// Adds what was measured of a row with a seed. A metric that has several methods has a column for each: "PSNR, video".
  /// Numbers of other settings than those that a column has already are left out.
  void add(const std::string& row, int64_t seed, const MetricTable& measured);
  /// A row with a seed that has no numbers, and why.
  void add_failure(const std::string& row, int64_t seed, const std::string& reason);

  /// How far a number is from the first row's, over the seeds that both have.
  struct Cell {
    std::vector<double> values;  ///< by seed
    double mean = 0, deviation = 0;
    double p_value = 1;  ///< of the paired t-test against the first row, after Holm's correction
  };
  /// By row, then column; a cell without numbers has no values.
  std::vector<std::vector<Cell>> cells() const;

  const std::vector<std::string>& rows() const { return rows_; }
  std::vector<std::string> columns() const;
  /// For each row and column to be shown whose numbers were left out: which, and with what settings they were measured.
  std::vector<std::string> left_out() const;
  /// All that was measured, shown or not.
  const std::vector<std::string>& measured_columns() const { return found_columns_; }
  /// Columns that are to be shown and that no row has; none before a row was measured.
  std::vector<std::string> without_numbers() const;

  /// Each has the table with mean ± deviation, `*` where a difference is beyond noise (p < 0.05), and says how many seeds
  /// there are, whether those are too few, what failed, and the settings of each column.
  std::string markdown() const;
  std::string latex() const;
  /// Every number: row, seed, column, value.
  std::string csv() const;
  std::string json() const;
  std::string html_table() const;

 private:
  std::vector<std::string> rows_without_chance() const;
  std::string note() const;

  struct Number {
    int64_t seed = 0;
    double value = 0;
  };
  std::vector<std::string> rows_, wanted_columns_, found_columns_;
  std::map<std::string, std::string> settings_;                                 ///< by column
  std::map<std::pair<std::string, std::string>, std::vector<Number>> numbers_;  ///< by row and column
  std::map<std::pair<std::string, std::string>, std::string>
      other_settings_;  ///< of numbers left out, by row and column
  std::vector<std::string> failures_;
};

}  // namespace weft::report
