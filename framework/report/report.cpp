#include "framework/report/report.h"

#include "framework/base/text.h"
#include "framework/graph/graph_text.h"
#include "framework/report/html.h"
#include "framework/report/plan_drawing.h"
#include "framework/report/svg_curve.h"
#include "framework/weights/atomic_file.h"

#include <algorithm>
#include <map>

namespace weft::report {
namespace {

std::string section(const std::string& id, const std::string& title, const std::string& content) {
  return content.empty() ? "" : text("<section id=\"", id, "\"><h2>", title, "</h2>\n", content, "</section>\n");
}

std::string head_of(const Report& report) {
  std::string out = text("<header><h1>", escaped(report.title), "</h1>\n<p class=\"note\">", escaped(report.about),
                         "</p>\n<p class=\"state\">", escaped(report.state), "</p>\n<dl>\n");
  for (const auto& [name, fact] : report.facts)
    out += text("<div><dt>", escaped(name), "</dt><dd>", escaped(fact), "</dd></div>\n");
  return out + "</dl></header>\n";
}

std::string clips_of(const Report& report) {
  if (report.clips.empty()) return {};
  std::string out = text("<p class=\"note\">", escaped(report.clip), "</p><div class=\"clips\">\n");
  for (const PlayedClip& clip : report.clips) {
    out += text("<figure><img width=\"", clip.width, "\" height=\"", clip.height, "\" alt=\"", escaped(clip.stream),
                "\" src=\"data:image/png;base64,", base64(clip.png), "\"/><figcaption><b>", escaped(clip.stream),
                "</b> <small>", count_text(static_cast<int64_t>(clip.frames), "frame"),
                "</small></figcaption></figure>\n");
  }
  return out + "</div>\n";
}

// ---- curves

/// The update that a curve belongs to; empty for what is watched.
std::string update_of(const std::string& curve) {
  const size_t slash = curve.find('/');
  return slash == std::string::npos ? "" : curve.substr(0, slash);
}

/// Totals first, then losses, then what belongs to the optimiser.
int rank_of(const std::string& curve) {
  const std::string name = curve.substr(curve.find('/') + 1);
  return name == "total" ? 0 : name == "gradient" ? 2 : name == "rate" ? 3 : 1;
}

/// The updates in the order of the graph.
std::vector<std::string> updates_of(const graph::Plan* plan) {
  std::vector<std::string> names;
  if (plan) {
    for (const graph::Update& update : plan->graph.updates) names.push_back(update.name);
  }
  return names;
}

std::string curves_of(const Curves& curves, const graph::Plan* plan) {
  std::map<std::string, std::vector<std::string>> by_update;
  for (const auto& [name, curve] : curves.all()) {
    if (!curve.points().empty()) by_update[update_of(name)].push_back(name);
  }
  const std::vector<Curves::Stage> stages(curves.stages().begin() + (curves.stages().empty() ? 0 : 1),
                                          curves.stages().end());
  std::string out;
  const auto add = [&](const std::string& update, std::vector<std::string> names) {
    std::stable_sort(names.begin(), names.end(),
                     [](const std::string& a, const std::string& b) { return rank_of(a) < rank_of(b); });
    out += text("<h3>", update.empty() ? "besides" : escaped(text("[update.", update, "]")),
                "</h3><div class=\"curves\">\n");
    for (const std::string& name : names) out += figure_of(name, curves.all().at(name), stages);
    out += "</div>\n";
  };
  for (const std::string& update : updates_of(plan)) {
    if (const auto names = by_update.extract(update)) add(update, names.mapped());
  }
  for (const auto& [update, names] : by_update) add(update, names);
  return out;
}

// ---- the graph

std::string graph_of(const Report& report) {
  if (!report.plan) return {};
  std::map<std::string, NodeNote> notes;
  for (const LearntNetwork& network : report.networks) notes[network.path].parameters += network.numbers;
  for (const run::Trace::Sum& time : report.times) {
    if (time.lane == run::kComputeLane) notes[time.name].seconds += time.seconds;
  }
  const char* shares = report.networks.empty() ? "." : ", to which gradients belong.";
  return text(
      "<p class=\"note\">Nodes in the order in which they run. Lines lead from a node to those that read it; "
      "dashed ones bring earlier or later frames. Shares are of the whole time",
      shares,
      "</p>\n<p class=\"key\"><span class=\"source\">source</span> <span class=\"network\">network</span> "
      "<span class=\"plain\">other node</span> <span class=\"goal\">writer</span></p>\n",
      drawing_of(*report.plan, notes, report.seconds), "<details><summary>The resolved graph</summary><pre>",
      escaped(graph::resolved_text(*report.plan)), "</pre></details>\n");
}

std::string networks_of(const Report& report) {
  if (report.networks.empty()) return {};
  std::map<std::string, int64_t> sums;
  std::string out =
      "<table><thead><tr><th>network</th><th>learns in</th><th>tensors</th><th>parameters</th></tr></thead><tbody>\n";
  for (const LearntNetwork& network : report.networks) {
    sums[network.update] += network.numbers;
    out += text("<tr><th>", escaped(network.path), "</th><td>", escaped(network.update), "</td><td>", network.tensors,
                "</td><td>", grouped(network.numbers), "</td></tr>\n");
  }
  out += "</tbody><tfoot>\n";
  for (const auto& [update, sum] : sums)
    out +=
        text("<tr><th>all of [update.", escaped(update), "]</th><td></td><td></td><td>", grouped(sum), "</td></tr>\n");
  return out + "</tfoot></table>\n";
}

// ---- where time went

std::string time_row(const std::string& name, const std::string& calls, double seconds, double of_all) {
  const double share = of_all > 0 ? std::clamp(100 * seconds / of_all, 0.0, 100.0) : 0;
  return text("<tr><th>", escaped(name), "</th><td>", calls, "</td><td>", short_number(seconds),
              "</td><td class=\"share\"><meter min=\"0\" max=\"100\" value=\"", coordinate(share), "\"></meter> <span>",
              percent_text(share), "</span></td></tr>\n");
}

std::string times_of(const Report& report) {
  std::string computing, beside;
  double sum = 0;
  for (const run::Trace::Sum& time : report.times) {
    const bool computes = time.lane == run::kComputeLane;
    if (computes) sum += time.seconds;
    (computes ? computing : beside) += time_row(time.name, text(time.calls), time.seconds, report.seconds);
  }
  if (computing.empty() && beside.empty()) return {};
  if (report.seconds > sum) computing += time_row("all else, and waiting", "", report.seconds - sum, report.seconds);
  const std::string head =
      "<table><thead><tr><th>node</th><th>calls</th><th>seconds</th><th>share</th></tr></thead><tbody>\n";
  std::string out = text(head, computing, "</tbody></table>\n");
  if (!beside.empty()) out += text("<h3>Beside it, in threads of their own</h3>", head, beside, "</tbody></table>\n");
  if (report.times_are_of_starting) {
    out +=
        "<p class=\"note\">On a GPU these are the times of starting the work; waiting for it falls to whoever reads a "
        "number first, such as the gradients.</p>\n";
  }
  return out;
}

}  // namespace

std::string html_of(const Report& report) {
  return text(
      "<!DOCTYPE html>\n<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\"><head><meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<meta name=\"color-scheme\" "
      "content=\"light dark\"/>\n<title>",
      escaped(report.title), "</title>\n<style>", kReportStyle, "</style></head>\n<body><main>\n", head_of(report),
      section("clips", "Clips", clips_of(report)),
      section("curves", "Curves", report.curves ? curves_of(*report.curves, report.plan) : ""),
      section("graph", "Graph", graph_of(report)), section("networks", "Networks", networks_of(report)),
      section("times", "Where time went", times_of(report)), "</main>\n<script>//<![CDATA[\n", kReportScript,
      "//]]></script></body></html>\n");
}

void write_report(const std::string& file, const Report& report) {
  const std::string page = html_of(report);
  weights::AtomicFile out(file);
  out.write(page.data(), page.size());
  out.commit();
}

}  // namespace weft::report
