#include "plugins/metric/results.h"

#include "framework/base/csv.h"
#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/weights/atomic_file.h"

#include <ATen/ops/isfinite.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>

namespace weft::metric {
namespace {

constexpr int kFormat = 1;

std::string four_digits(double number) {
  char digits[40];
  std::snprintf(digits, sizeof digits, "%.4g", number);
  return digits;
}

}  // namespace

void Reporting::declare(Params& p, const char* name_about) {
  p("name", name, name_about).required();
  p("method", method, "name of the row in tables: what was measured, such as \"ours\" or \"real\"");
  p("json", json,
    "JSON file with the numbers, their settings, and the means of all sequences; written when the run ends; default: "
    "none");
  p("table", table, "CSV file with rows `name,method,sequence,frames,value,deviation,settings`; default: none");
}

void Reporting::declare_by_frame(Params& p, const std::string& what) {
  p("by_frame", by_frame,
    text("whether `json` also has ", what,
         " at each t over all sequences, as `weft ablate` shows in its report; memory then grows with the longest "
         "sequence"));
}

std::vector<std::string> Reporting::lines(const Findings& findings) {
  std::vector<std::string> lines;
  for (const Number& number : findings.numbers) {
    std::string line = text(number.name, ' ', four_digits(number.value));
    if (number.deviation) line += text(" ± ", four_digits(*number.deviation));
    if (!findings.method.empty()) line = text(findings.method, ": ", line);
    const std::string more =
        findings.settings.empty() ? findings.samples : text(findings.samples, "; ", findings.settings);
    lines.push_back(more.empty() ? line : text(line, "  (", more, ')'));
  }
  return lines;
}

void Reporting::publish(const Findings& findings, Context& context) const {
  for (const Number& number : findings.numbers) {
    if (std::isfinite(number.value)) continue;
    throw Error(Exit::NotFinite, text('"', number.name, "\" is not a finite number"))
        .hint("look at its inputs with --peek");
  }
  for (const std::string& line : lines(findings)) context.log().note(line);
  if (!json.empty()) write_json(findings);
  if (!table.empty()) write_table(findings);
}

void Reporting::write_json(const Findings& findings) const {
  using Json = nlohmann::ordered_json;
  Json file = {{"format", kFormat},           {"metric", findings.metric},
               {"method", findings.method},   {"settings", findings.settings},
               {"samples", findings.samples}, {"complete", !findings.is_broken_off}};
  file["numbers"] = Json::array();
  for (const Number& number : findings.numbers) {
    Json row = {{"name", number.name}, {"value", number.value}};
    if (number.deviation) row["deviation"] = *number.deviation;
    file["numbers"].push_back(std::move(row));
  }
  file["sequences"] = Json::array();
  for (const SequenceMean& mean : findings.sequences)
    file["sequences"].push_back({{"sequence", mean.sequence}, {"frames", mean.frames}, {"value", mean.value}});
  if (!findings.by_frame.points.empty()) {
    Json points = Json::array();
    for (const FrameCurve::Point& point : findings.by_frame.points)
      points.push_back({{"t", point.t}, {"value", point.value}});
    file["by_frame"] = {{"name", findings.by_frame.name}, {"points", std::move(points)}};
  }
  weights::write_atomically(json, file.dump(2, ' ', false, Json::error_handler_t::replace) + '\n');
}

void Reporting::write_table(const Findings& findings) const {
  std::string rows = "name,method,sequence,frames,value,deviation,settings\n";
  const auto add = [&](const std::string& column, const std::string& sequence, const std::string& frames, double value,
                       const std::optional<double>& deviation) {
    rows += text(csv_field(column), ',', csv_field(findings.method), ',', csv_field(sequence), ',', frames, ',',
                 number_text(value), ',', deviation ? number_text(*deviation) : "", ',', csv_field(findings.settings),
                 '\n');
  };
  for (const SequenceMean& mean : findings.sequences)
    add(findings.metric, mean.sequence, text(mean.frames), mean.value, {});
  for (const Number& number : findings.numbers) add(number.name, "all", "", number.value, number.deviation);
  weights::write_atomically(table, rows);
}

void check_finite(const at::Tensor& values, const char* port, const Context& context) {
  if (at::isfinite(values).all().item<bool>()) return;
  const std::string& sequence = context.sequence();
  throw Error(Exit::NotFinite, text("the input `", port, "` has numbers that are not finite, at frame ",
                                    context.frame(), sequence.empty() ? "" : " of sequence ", sequence))
      .hint("--peek of the stream shows where they begin");
}

}  // namespace weft::metric
