#include "framework/report/metric_table.h"

#include "framework/base/csv.h"
#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/report/html.h"
#include "framework/report/json_file.h"
#include "framework/report/report.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace weft::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;

constexpr const char* kKind = "report of metrics";
constexpr const char* kWayOut = "`weft eval` writes such reports, metrics.json in its run folder";

/// @param of_all  the object that has what the numbers of a report share: the report itself, or the row
MetricNumber number_from(const nlohmann::json& row, const nlohmann::json& of_all) {
  MetricNumber number{.name = row.at("name"), .value = row.at("value")};
  if (row.contains("deviation")) number.deviation = row.at("deviation").get<double>();
  number.method = of_all.at("method");
  number.settings = of_all.at("settings");
  number.samples = of_all.at("samples");
  number.is_complete = of_all.at("complete");
  return number;
}

std::string cell(const MetricNumber* number) {
  if (!number) return "";
  std::string shown = short_number(number->value);
  if (number->deviation) shown += text(" ± ", short_number(*number->deviation));
  return number->is_complete ? shown : shown + " (stopped)";
}

/// Text in a cell of Markdown: names and settings come from graphs.
std::string plain(const std::string& content) {
  std::string shown;
  for (const char c : printable(content)) shown += c == '|' ? std::string("\\|") : std::string(1, c);
  return shown;
}

std::string row_of(const std::vector<std::string>& cells) {
  return text("| ", join(cells, " | "), " |\n");
}

/// A name once.
void add_new(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

std::string html_row(const char* tag, const std::vector<std::string>& cells) {
  std::string row = "<tr>";
  for (const std::string& content : cells) row += text('<', tag, '>', escaped(content), "</", tag, '>');
  return row + "</tr>\n";
}

std::vector<std::string> change_cells(const MetricChange& change) {
  const MetricNumber& now = change.now;
  std::vector<std::string> cells = {now.name, now.method, short_number(now.value)};
  if (!change.fault.empty() || !change.before) {
    cells.insert(cells.end(), {change.before ? short_number(*change.before) : "",
                               change.fault.empty() ? "not in the other run" : change.fault});
  } else {
    const double difference = now.value - *change.before;
    cells.insert(cells.end(),
                 {short_number(*change.before), text(difference > 0 ? "+" : "", short_number(difference))});
  }
  return cells;
}

std::vector<std::string> change_head(const std::string& before) {
  return {"metric", "method", "now", before, "difference"};
}

}  // namespace

void MetricTable::add_report(const std::string& file) {
  const nlohmann::json report = read_json_file(file);
  read_fields(file, kKind, kWayOut, [&] {
    for (const auto& row : report.at("numbers")) add(number_from(row, report));
  });
}

void MetricTable::add(MetricNumber number) {
  for (const MetricNumber& other : numbers_) {
    if (other.name != number.name) continue;
    if (other.settings != number.settings) {
      throw Error(Exit::Graph, text("the column \"", number.name, "\" would have numbers of different settings: ",
                                    other.settings, " and ", number.settings))
          .hint("give one of the reports another `name`");
    }
    if (other.method == number.method) {
      throw Error(Exit::Graph,
                  text("two reports have the name \"", number.name, "\" and the method \"", number.method, '"'))
          .hint("set `method`, the name of the row");
    }
  }
  numbers_.push_back(std::move(number));
}

MetricTable MetricTable::read(const std::string& file) {
  MetricTable table;
  const nlohmann::json written = read_json_file(file);
  try {
    read_fields(file, kKind, kWayOut, [&] {
      for (const auto& row : written.at("numbers")) table.add(number_from(row, row));
    });
  } catch (const Error& error) {
    if (error.exit() != Exit::Graph) throw;
    throw Error(Exit::Data, Place{file}, text("is no table of metrics: ", error.message()));
  }
  return table;
}

const MetricNumber* MetricTable::find(const std::string& name, const std::string& method) const {
  const auto found = std::find_if(numbers_.begin(), numbers_.end(), [&](const MetricNumber& number) {
    return number.name == name && number.method == method;
  });
  return found == numbers_.end() ? nullptr : &*found;
}

std::vector<std::string> MetricTable::columns() const {
  std::vector<std::string> names;
  for (const MetricNumber& number : numbers_) add_new(names, number.name);
  return names;
}

std::vector<std::string> MetricTable::methods() const {
  std::vector<std::string> names;
  for (const MetricNumber& number : numbers_) add_new(names, number.method);
  return names;
}

std::string MetricTable::json() const {
  Json file = {{"format", kFormat}, {"numbers", Json::array()}};
  for (const MetricNumber& number : numbers_) {
    Json row = {{"name", number.name}, {"method", number.method}, {"value", number.value}};
    if (number.deviation) row["deviation"] = *number.deviation;
    row["samples"] = number.samples;
    row["settings"] = number.settings;
    row["complete"] = number.is_complete;
    file["numbers"].push_back(std::move(row));
  }
  return file.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string MetricTable::csv() const {
  std::string rows = "name,method,value,deviation,samples,settings\n";
  for (const MetricNumber& number : numbers_) {
    rows += text(csv_field(number.name), ',', csv_field(number.method), ',', number_text(number.value), ',',
                 number.deviation ? number_text(*number.deviation) : "", ',', csv_field(number.samples), ',',
                 csv_field(number.settings), '\n');
  }
  return rows;
}

std::string MetricTable::markdown() const {
  const std::vector<std::string> names = columns();
  std::vector<std::string> head{"method"}, line{"---"};
  for (const std::string& name : names) {
    head.push_back(plain(name));
    line.emplace_back("---:");
  }
  std::string out = row_of(head) + row_of(line);
  for (const std::string& method : methods()) {
    std::vector<std::string> cells{plain(method)};
    for (const std::string& name : names) cells.push_back(cell(find(name, method)));
    out += row_of(cells);
  }
  out += '\n';
  for (const std::string& name : names) {
    const auto first =
        std::find_if(numbers_.begin(), numbers_.end(), [&](const auto& one) { return one.name == name; });
    out += text("* ", plain(name), ": ", plain(first->samples), first->settings.empty() ? "" : "; ",
                plain(first->settings), '\n');
  }
  return out;
}

std::vector<MetricChange> compare(const MetricTable& now, const MetricTable& before) {
  std::vector<MetricChange> changes;
  for (const MetricNumber& number : now.numbers()) {
    MetricChange change{number, {}, ""};
    if (const MetricNumber* other = before.find(number.name, number.method)) {
      change.before = other->value;
      if (other->settings != number.settings) change.fault = text("not comparable, its settings are ", other->settings);
    }
    changes.push_back(std::move(change));
  }
  return changes;
}

std::string markdown_of(const std::vector<MetricChange>& changes, const std::string& before) {
  std::string out = row_of(change_head(plain(before))) + row_of({"---", "---", "---:", "---:", "---:"});
  for (const MetricChange& change : changes) {
    std::vector<std::string> cells;
    for (const std::string& content : change_cells(change)) cells.push_back(plain(content));
    out += row_of(cells);
  }
  return out;
}

std::string metric_page(const MetricTable& table, const std::string& title, const std::vector<MetricChange>& changes,
                        const std::string& before, const std::string& extremes) {
  const std::vector<std::string> names = table.columns();
  std::vector<std::string> head{"method"};
  head.insert(head.end(), names.begin(), names.end());
  std::string body = text("<header><h1>", escaped(title), "</h1></header>\n<section><table><thead>\n",
                          html_row("th", head), "</thead><tbody>\n");
  for (const std::string& method : table.methods()) {
    std::vector<std::string> cells{method};
    for (const std::string& name : names) cells.push_back(cell(table.find(name, method)));
    body += html_row("td", cells);
  }
  body += "</tbody></table></section>\n<section><h2>Settings</h2><table><tbody>\n";
  for (const MetricNumber& number : table.numbers())
    body += html_row("td", {number.name, number.method, number.samples, number.settings});
  body += "</tbody></table></section>\n";
  if (!changes.empty()) {
    body += text("<section><h2>Against another run</h2><table><thead>\n", html_row("th", change_head(before)),
                 "</thead><tbody>\n");
    for (const MetricChange& change : changes) body += html_row("td", change_cells(change));
    body += "</tbody></table></section>\n";
  }
  body += extremes;
  return text(
      "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\"><head><meta charset=\"utf-8\" />"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" /><title>",
      escaped(title), "</title>\n<style>", kReportStyle, "</style></head>\n<body><main>\n", body,
      "</main></body></html>\n");
}

}  // namespace weft::report
