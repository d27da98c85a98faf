#include "framework/report/ablation_table.h"

#include "framework/base/csv.h"
#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/report/html.h"
#include "framework/report/significance.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace weft::report {
namespace {

constexpr double kLevel = 0.05;
/// With fewer pairs a t-test finds next to nothing.
constexpr size_t kFewestSeeds = 3;

/// What has no spread cannot be told from noise: a test over seeds says nothing about it.
bool are_equal(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [&](double value) { return value == values.front(); });
}

std::string plain_cell(const AblationTable::Cell& cell, const char* plus_minus, const char* mark) {
  if (cell.values.empty()) return "";
  std::string shown = short_number(cell.mean);
  if (cell.values.size() > 1) shown += text(plus_minus, short_number(cell.deviation));
  return cell.p_value < kLevel ? shown + mark : shown;
}

std::string with_escapes(const std::string& plain, std::string_view special, char escape) {
  std::string out;
  for (const char c : printable(plain)) {
    if (special.find(c) != std::string_view::npos) out += escape;
    out += c;
  }
  return out;
}

}  // namespace

AblationTable::AblationTable(std::vector<std::string> rows, std::vector<std::string> columns)
    : rows_(std::move(rows)), wanted_columns_(std::move(columns)) {}

void AblationTable::add(const std::string& row, int64_t seed, const MetricTable& measured) {
  for (const MetricNumber& number : measured.numbers()) {
    const bool is_alone = measured.methods().size() == 1 || number.method.empty();
    const std::string column = is_alone ? number.name : text(number.name, ", ", number.method);
    const auto [settings, is_new] = settings_.try_emplace(column, number.settings);
    if (is_new) found_columns_.push_back(column);
    if (settings->second != number.settings) {
      other_settings_[{row, column}] = number.settings;
      continue;
    }
    numbers_[{row, column}].push_back({seed, number.value});
  }
}

void AblationTable::add_failure(const std::string& row, int64_t seed, const std::string& reason) {
  failures_.push_back(text(row, ", seed ", seed, ": ", reason));
}

std::vector<std::string> AblationTable::without_numbers() const {
  std::vector<std::string> missing;
  if (found_columns_.empty()) return missing;
  for (const std::string& column : wanted_columns_) {
    if (std::find(found_columns_.begin(), found_columns_.end(), column) == found_columns_.end())
      missing.push_back(column);
  }
  return missing;
}

std::vector<std::string> AblationTable::left_out() const {
  std::vector<std::string> lines;
  const std::vector<std::string> shown = columns();
  for (const auto& [place, settings] : other_settings_) {
    const auto& [row, column] = place;
    if (std::find(shown.begin(), shown.end(), column) == shown.end()) continue;
    lines.push_back(text(row, ", ", column, ", which was measured with other settings than those above it: ", settings,
                         ", not ", settings_.at(column)));
  }
  return lines;
}

std::vector<std::string> AblationTable::columns() const {
  return wanted_columns_.empty() ? found_columns_ : wanted_columns_;
}

std::vector<std::vector<AblationTable::Cell>> AblationTable::cells() const {
  const std::vector<std::string> all = columns();
  std::vector<std::vector<Cell>> table(rows_.size(), std::vector<Cell>(all.size()));
  std::vector<double> p_values;
  std::vector<Cell*> tested;
  for (size_t row = 0; row < rows_.size(); ++row) {
    for (size_t column = 0; column < all.size(); ++column) {
      const auto own = numbers_.find({rows_[row], all[column]});
      if (own == numbers_.end()) continue;
      Cell& cell = table[row][column];
      std::vector<double> paired, first_paired;
      const auto first = numbers_.find({rows_.front(), all[column]});
      for (const Number& number : own->second) {
        cell.values.push_back(number.value);
        if (row == 0 || first == numbers_.end()) continue;
        const auto partner = std::find_if(first->second.begin(), first->second.end(),
                                          [&](const Number& one) { return one.seed == number.seed; });
        if (partner == first->second.end()) continue;
        paired.push_back(number.value);
        first_paired.push_back(partner->value);
      }
      const Spread spread = spread_of(cell.values);
      cell.mean = spread.mean;
      cell.deviation = spread.deviation;
      if (paired.size() < kFewestSeeds || (are_equal(paired) && are_equal(first_paired))) continue;
      p_values.push_back(paired_p_value(paired, first_paired));
      tested.push_back(&cell);
    }
  }
  const std::vector<double> corrected = holm_corrected(p_values);
  for (size_t i = 0; i < tested.size(); ++i) tested[i]->p_value = corrected[i];
  return table;
}

/// Rows for which all seeds gave the same numbers.
std::vector<std::string> AblationTable::rows_without_chance() const {
  std::vector<std::string> equal;
  for (const std::string& row : rows_) {
    bool has_seeds = false, differs = false;
    for (const auto& [place, numbers] : numbers_) {
      if (place.first != row || numbers.size() < 2) continue;
      has_seeds = true;
      differs = differs || std::any_of(numbers.begin(), numbers.end(),
                                       [&](const Number& number) { return number.value != numbers.front().value; });
    }
    if (has_seeds && !differs) equal.push_back(row);
  }
  return equal;
}

std::string AblationTable::note() const {
  size_t most = 0;
  for (const auto& [place, numbers] : numbers_) most = std::max(most, numbers.size());
  std::string lines = text("Mean ± standard deviation over ", count_text(static_cast<int64_t>(most), "seed"), ". ");
  lines += most < kFewestSeeds
               ? text("Too few to tell a difference from noise: that takes ", kFewestSeeds, " at least.\n")
               : text("* differs from \"", rows_.front(), "\" beyond noise: paired t-test, p < ", short_number(kLevel),
                      " after Holm's correction for the number of differences.\n");
  if (const auto equal = rows_without_chance(); !equal.empty())
    lines += text("All seeds gave the same numbers, so that one of them is enough: ", printable(join(equal)), '\n');
  for (const std::string& failure : failures_) lines += text("Without numbers: ", printable(failure), '\n');
  for (const std::string& line : left_out()) lines += text("Left out: ", printable(line), '\n');
  for (const std::string& column : columns()) {
    const auto settings = settings_.find(column);
    if (settings != settings_.end() && !settings->second.empty())
      lines += text(printable(column), ": ", printable(settings->second), '\n');
  }
  return lines;
}

std::string AblationTable::markdown() const {
  const auto plain = [](const std::string& content) { return with_escapes(content, "|", '\\'); };
  std::string head = "|  |", line = "|---|";
  for (const std::string& column : columns()) {
    head += text(' ', plain(column), " |");
    line += "---|";
  }
  std::string out = head + '\n' + line + '\n';
  const auto table = cells();
  for (size_t row = 0; row < rows_.size(); ++row) {
    out += text("| ", plain(rows_[row]), " |");
    for (const Cell& cell : table[row]) out += text(' ', plain_cell(cell, " ± ", " *"), " |");
    out += '\n';
  }
  return text(out, '\n', note());
}

std::string AblationTable::latex() const {
  const auto plain = [](const std::string& content) { return with_escapes(content, "_%&#$", '\\'); };
  std::string out = text("\\begin{tabular}{l", std::string(columns().size(), 'r'), "}\n\\toprule\n");
  for (const std::string& column : columns()) out += text(" & ", plain(column));
  out += " \\\\\n\\midrule\n";
  const auto table = cells();
  for (size_t row = 0; row < rows_.size(); ++row) {
    out += plain(rows_[row]);
    for (const Cell& cell : table[row]) {
      const std::string shown = plain_cell(cell, " \\pm ", "^{*}");
      out += shown.empty() ? " & --" : text(" & $", shown, '$');
    }
    out += " \\\\\n";
  }
  return out + "\\bottomrule\n\\end{tabular}\n";
}

std::string AblationTable::csv() const {
  std::string out = "variant,seed,metric,value\n";
  for (const std::string& row : rows_) {
    for (const std::string& column : columns()) {
      const auto numbers = numbers_.find({row, column});
      if (numbers == numbers_.end()) continue;
      for (const Number& number : numbers->second)
        out += text(csv_field(row), ',', number.seed, ',', csv_field(column), ',', number_text(number.value), '\n');
    }
  }
  return out;
}

std::string AblationTable::json() const {
  nlohmann::ordered_json out = {{"format", 1}, {"rows", nlohmann::ordered_json::array()}, {"failures", failures_}};
  const auto table = cells();
  const std::vector<std::string> all = columns();
  for (size_t row = 0; row < rows_.size(); ++row) {
    nlohmann::ordered_json metrics = nlohmann::ordered_json::object();
    for (size_t column = 0; column < all.size(); ++column) {
      const Cell& cell = table[row][column];
      if (cell.values.empty()) continue;
      metrics[all[column]] = {
          {"mean", cell.mean}, {"deviation", cell.deviation}, {"values", cell.values}, {"p_value", cell.p_value}};
    }
    out["rows"].push_back({{"variant", rows_[row]}, {"metrics", metrics}});
  }
  return out.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

std::string AblationTable::html_table() const {
  std::string out = "<table>\n<tr><th></th>";
  for (const std::string& column : columns()) out += text("<th>", escaped(column), "</th>");
  out += "</tr>\n";
  const auto table = cells();
  for (size_t row = 0; row < rows_.size(); ++row) {
    out += text("<tr><th>", escaped(rows_[row]), "</th>");
    for (const Cell& cell : table[row]) out += text("<td>", plain_cell(cell, " ± ", " *"), "</td>");
    out += "</tr>\n";
  }
  return text(out, "</table>\n<pre>", escaped(note()), "</pre>\n");
}

}  // namespace weft::report
