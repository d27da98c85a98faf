#include "framework/report/ablation_page.h"

#include "framework/base/text.h"
#include "framework/report/html.h"

#include <algorithm>

namespace weft::report {
namespace {

constexpr const char* kStyle =
    "body { font-family: sans-serif; margin: 2em auto; max-width: 75em; color: #222 }\n"
    "table { border-collapse: collapse } td, th { padding: .3em .8em; text-align: right; border-bottom: 1px solid #ddd "
    "}\n"
    "th:first-child { text-align: left } pre { white-space: pre-wrap; color: #555 }\n"
    ".clips { display: flex; flex-wrap: wrap; gap: 1em } figure { margin: 0 } video { max-width: 36em; width: 100% }\n";

/// One slider and one button for all videos of a group.
constexpr const char* kScript =
    "for (const group of document.querySelectorAll('section')) {\n"
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
    "}\n";

/// The clips of one name, a variant each.
std::string section(const std::string& name, const std::vector<VariantClips>& all) {
  std::string out = text("<section>\n<h2>", escaped(name),
                         "</h2>\n<p><button>play / pause</button> <input type=\"range\" min=\"0\" max=\"1\" "
                         "step=\"0.001\" value=\"0\"></p>\n<div class=\"clips\">\n");
  for (const VariantClips& of_variant : all) {
    for (const auto& [clip, file] : of_variant.clips) {
      if (clip != name) continue;
      out += text("<figure><video muted loop preload=\"metadata\" src=\"", escaped(file), "\"></video><figcaption>",
                  escaped(of_variant.variant), "</figcaption></figure>\n");
    }
  }
  return out + "</div>\n</section>\n";
}

}  // namespace

std::string ablation_page(const std::string& title, const AblationTable& table,
                          const std::vector<VariantClips>& clips) {
  std::string out =
      text("<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>", escaped(title),
           "</title>\n<style>\n", kStyle, "</style>\n<h1>", escaped(title), "</h1>\n", table.html_table());
  std::vector<std::string> names;
  for (const VariantClips& of_variant : clips) {
    for (const auto& [clip, file] : of_variant.clips) {
      if (std::find(names.begin(), names.end(), clip) == names.end()) names.push_back(clip);
    }
  }
  for (const std::string& name : names) out += section(name, clips);
  if (!names.empty()) out += text("<script>\n", kScript, "</script>\n");
  return out + "</html>\n";
}

}  // namespace weft::report
