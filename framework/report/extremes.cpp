#include "framework/report/extremes.h"

#include "framework/base/text.h"
#include "framework/report/html.h"
#include "framework/report/json_file.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace weft::report {
namespace {

constexpr size_t kShown = 3;  // sequences at each end

std::string figures_of(const MeasuredSequence& sequence) {
  std::string out;
  for (const auto& [name, file] : sequence.clips) {
    out += text("<figure><video src=\"", escaped(file),
                "\" style=\"width:100%\" muted=\"\" loop=\"\" autoplay=\"\" controls=\"\" "
                "preload=\"metadata\"></video><figcaption><b>",
                escaped(sequence.name), "</b> ", short_number(sequence.value), " <span>", escaped(name),
                "</span></figcaption></figure>\n");
  }
  return out;
}

}  // namespace

SequenceMetric read_sequences(const std::string& file) {
  const nlohmann::json report = read_json_file(file);
  SequenceMetric metric;
  read_fields(file, "report of metrics", "`weft eval` writes such reports", [&] {
    metric.method = report.at("method");
    if (!report.at("numbers").empty()) metric.name = report.at("numbers").at(0).at("name");
    for (const auto& one : report.at("sequences"))
      metric.sequences.push_back({one.at("sequence"), one.at("value").get<double>()});
  });
  return metric;
}

std::string extremes_html(const std::vector<SequenceMetric>& metrics) {
  std::string out;
  for (const SequenceMetric& metric : metrics) {
    std::vector<MeasuredSequence> with_clips;
    for (const MeasuredSequence& one : metric.sequences) {
      if (!one.clips.empty()) with_clips.push_back(one);
    }
    if (with_clips.size() < 2) continue;
    std::stable_sort(with_clips.begin(), with_clips.end(),
                     [](const auto& a, const auto& b) { return a.value < b.value; });
    // A sequence is at one end only.
    const size_t low = std::min(kShown, (with_clips.size() + 1) / 2), high = std::min(kShown, with_clips.size() / 2);
    const std::string title = text(escaped(metric.name), metric.method.empty() ? "" : ", ", escaped(metric.method));
    out += text("<section><h2>", title, "</h2>\n<h3>Lowest</h3><div class=\"clips\">\n");
    for (size_t i = 0; i < low; ++i) out += figures_of(with_clips[i]);
    out += "</div>\n<h3>Highest</h3><div class=\"clips\">\n";
    for (size_t i = 0; i < high; ++i) out += figures_of(with_clips[with_clips.size() - 1 - i]);
    out += "</div></section>\n";
  }
  return out;
}

}  // namespace weft::report
