#pragma once

#include <optional>
#include <string>
#include <vector>

namespace weft::report {

/// A number that a metric reported, and what it holds for.
struct MetricNumber {
  std::string name;           ///< the column
  std::string method = {};    ///< the row
  std::string settings = {};  ///< numbers of different settings are not comparable
  std::string samples = {};   ///< "mean of 4 sequences, 120 frames"
  double value = 0;
  std::optional<double> deviation = {};
  bool is_complete = true;  ///< false where the run was stopped
};

/// Numbers of metrics as a table: methods in rows, metrics in columns. All numbers of a column have the same settings.
class MetricTable {
 public:
  /// Adds the numbers of one report: the JSON file that nodes such as metric.report write.
  /// @throws Error  (Data) for a file that is none; (Graph) as add()
  void add_report(const std::string& file);
  /// @throws Error  (Graph) when the column has other settings, or the row has a number in it already
  void add(MetricNumber number);

  /// Reads what json() wrote. @throws Error  (Data)
  static MetricTable read(const std::string& file);

  const std::vector<MetricNumber>& numbers() const { return numbers_; }
  const MetricNumber* find(const std::string& name, const std::string& method) const;
  /// In the order of their first number.
  std::vector<std::string> columns() const;
  std::vector<std::string> methods() const;

  std::string json() const;
  std::string csv() const;
  /// The table, and below it the settings of each column.
  std::string markdown() const;

 private:
  std::vector<MetricNumber> numbers_;
};

/// One number in two runs.
struct MetricChange {
  MetricNumber now;
  std::optional<double> before;  ///< absent where the other run lacks it
  std::string fault;             ///< why both cannot be compared; empty if they can
};
/// Each number of `now` beside that of the same name and method of `before`.
std::vector<MetricChange> compare(const MetricTable& now, const MetricTable& before);
/// The changes as a table in Markdown.
std::string markdown_of(const std::vector<MetricChange>& changes, const std::string& before);

/// A page with the table, its settings, and the changes where there are any: one file of HTML.
/// @param extremes  parts with clips, by extremes_html()
std::string metric_page(const MetricTable& table, const std::string& title, const std::vector<MetricChange>& changes,
                        const std::string& before, const std::string& extremes = {});

}  // namespace weft::report
