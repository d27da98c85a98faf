#include "framework/report/ablation_page.h"

#include "framework/base/text.h"
#include "framework/report/html.h"
#include "framework/report/report.h"
#include "framework/report/svg_curve.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace weft::report {
namespace {

/// Added to the style of the report of a run.
constexpr const char* kStyle =
    "table { width: auto } td, th { padding: .3em .8em }\n"
    ".clips video { display: block; width: 100%; image-rendering: pixelated; border-radius: 4px }\n"
    ".run { stroke: var(--strand); border-left-color: var(--strand) !important; stroke-width: 1.6 }\n"
    ".dashed { stroke-dasharray: 5 3; border-left-style: dashed !important }\n"
    "input[type=range] { width: min(24rem, 60%); vertical-align: middle }\n";

constexpr const char* kScript =
    // One slider and one button for all videos of a section.
    "for (const group of document.querySelectorAll('.measured')) {\n"
    "  const clips = [...group.querySelectorAll('video')];\n"
    "  const slider = group.querySelector('input'), button = group.querySelector('button');\n"
    "  const seek = t => clips.forEach(clip => { clip.currentTime = t * (clip.duration || 0); });\n"
    "  slider.oninput = () => { clips.forEach(clip => clip.pause()); seek(slider.value); };\n"
    "  button.onclick = () => {\n"
    "    const stops = clips.some(clip => !clip.paused);\n"
    "    if (!stops) seek(clips[0].ended ? 0 : clips[0].currentTime / (clips[0].duration || 1));\n"
    "    clips.forEach(clip => stops ? clip.pause() : clip.play());\n"
    "  };\n"
    "  clips[0].ontimeupdate = () => { slider.value = clips[0].currentTime / (clips[0].duration || 1); };\n"
    "}\n"
    // Each picture is that of the last checkpoint until the chosen step.
    "for (const group of document.querySelectorAll('[data-steps]')) {\n"
    "  const steps = JSON.parse(group.dataset.steps);\n"
    "  const slider = group.querySelector('input'), shown = group.querySelector('output');\n"
    "  slider.oninput = () => {\n"
    "    const chosen = steps[slider.value];\n"
    "    shown.textContent = `step ${chosen}`;\n"
    "    for (const picture of group.querySelectorAll('img')) {\n"
    "      const until = JSON.parse(picture.dataset.files).filter(([step]) => step <= chosen);\n"
    "      picture.style.visibility = until.length ? 'visible' : 'hidden';\n"
    "      if (until.length) picture.src = until[until.length - 1][1];\n"
    "    }\n"
    "  };\n"
    "}\n";

/// The measured clips of one name, a variant each.
std::string measured_section(const std::string& name, const std::vector<VariantRun>& runs) {
  std::string out = text("<section class=\"measured\">\n<h2>", escaped(name),
                         "</h2>\n<p><button>play / pause</button> <input type=\"range\" min=\"0\" max=\"1\" "
                         "step=\"0.001\" value=\"0\"></p>\n<div class=\"clips\">\n");
  for (const VariantRun& run : runs) {
    for (const auto& [clip, file] : run.clips) {
      if (clip != name) continue;
      out += text("<figure><video muted loop preload=\"metadata\" src=\"", escaped(file), "\"></video><figcaption>",
                  escaped(run.variant), "</figcaption></figure>\n");
    }
  }
  return out + "</div>\n</section>\n";
}

std::string measured_sections(const std::vector<VariantRun>& runs) {
  std::vector<std::string> names;
  for (const VariantRun& run : runs) {
    for (const auto& [clip, file] : run.clips) {
      if (std::find(names.begin(), names.end(), clip) == names.end()) names.push_back(clip);
    }
  }
  std::string out;
  for (const std::string& name : names) out += measured_section(name, runs);
  return out;
}

/// The training clips, with one slider over the checkpoints of all variants.
std::string training_section(const std::vector<VariantRun>& runs) {
  std::set<int64_t> steps;
  std::map<std::string, std::string> figures;  // by stream
  for (const VariantRun& run : runs) {
    for (const auto& [stream, files] : run.training) {
      for (const auto& [step, file] : files) steps.insert(step);
      figures[stream] +=
          text("<figure><img alt=\"", escaped(text(stream, " of ", run.variant)), "\" data-files=\"",
               escaped(nlohmann::json(std::vector(files.begin(), files.end())).dump()), "\" src=\"",
               escaped(files.rbegin()->second), "\"><figcaption>", escaped(run.variant), "</figcaption></figure>\n");
    }
  }
  if (steps.empty()) return {};
  std::string out =
      text("<section data-steps=\"", escaped(nlohmann::json(steps).dump()),
           "\">\n<h2>While they were trained</h2>\n<p><input type=\"range\" min=\"0\" max=\"", steps.size() - 1,
           "\" step=\"1\" value=\"", steps.size() - 1, "\"> <output>step ", *steps.rbegin(), "</output></p>\n");
  for (const auto& [stream, figure] : figures)
    out += text("<h3>", escaped(stream), "</h3>\n<div class=\"clips\">\n", figure, "</div>\n");
  return out + "</section>\n";
}

using VariantCurves = std::function<const std::map<std::string, Curve>&(const VariantRun&)>;

/// The curves of all variants over each other, of each name that one of them has.
std::string curves_section(const char* title, const std::vector<VariantRun>& runs, const VariantCurves& curves_of,
                           Over over) {
  std::map<std::string, std::vector<RunCurve>> curves;
  std::string key, figures;
  for (size_t i = 0; i < runs.size(); ++i) {
    key += text("<span class=\"", class_of_run(i), "\">", escaped(runs[i].variant), "</span> ");
    for (const auto& [name, curve] : curves_of(runs[i])) {
      if (!curve.points().empty()) curves[name].push_back({&curve, i});
    }
  }
  if (curves.empty()) return {};
  for (const auto& [name, of_runs] : curves) figures += figure_of(name, of_runs, over);
  return text("<section>\n<h2>", title, "</h2>\n<p class=\"key\">", key, "</p>\n<div class=\"curves\">\n", figures,
              "</div>\n</section>\n");
}

std::string curves_sections(const std::vector<VariantRun>& runs) {
  return curves_section(
             "Frame by frame", runs, [](const VariantRun& run) -> const auto& { return run.by_frame; }, Over::Frames) +
         curves_section(
             "Curves", runs, [](const VariantRun& run) -> const auto& { return run.curves.all(); }, Over::Steps);
}

}  // namespace

std::string ablation_page(const std::string& title, const AblationTable& table, const std::vector<VariantRun>& runs) {
  return text("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n",
              "<meta name=\"viewport\" content=\"width=device-width\">\n<title>", escaped(title), "</title>\n<style>\n",
              kReportStyle, kStyle, "</style>\n<main>\n<header><h1>", escaped(title), "</h1></header>\n<section>\n",
              table.html_table(), "</section>\n", measured_sections(runs), training_section(runs),
              curves_sections(runs), "</main>\n<script>\n", kScript, "</script>\n</html>\n");
}

}  // namespace weft::report
