#include "cli/study_clips.h"

#include "framework/base/text.h"
#include "framework/graph/toml.h"
#include "framework/report/study_page.h"

#include <filesystem>

namespace weft::cli {
namespace {

namespace fs = std::filesystem;
using report::NamedClips;

constexpr const char* kOnlyClip = "clip";
constexpr const char* kAside = ".before-";  // what `weft ablate` keeps of earlier runs
constexpr size_t kMostClips = 100'000;

void add(NamedClips& clips, const std::string& name, const fs::path& file, const Place& place) {
  const auto [other, is_new] = clips.try_emplace(name, file.string());
  if (!is_new)
    throw Error(Exit::Data, place,
                text("two clips have the name \"", name, "\": ", other->second, " and ", file.string()));
  if (clips.size() > kMostClips) throw Error(Exit::Data, place, text("more than ", kMostClips, " clips"));
}

/// Folders of an ablation that hold no results: earlier runs, and run folders, whose clips show a training.
bool is_passed_over(const fs::path& folder) {
  return folder.filename().string().find(kAside) != std::string::npos || fs::exists(folder / "lock.toml");
}

NamedClips clips_below(const fs::path& folder, const Place& place) {
  NamedClips clips;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->is_directory() && is_passed_over(entry->path())) {
      entry.disable_recursion_pending();
      continue;
    }
    if (!entry->is_regular_file() || !report::is_playable(entry->path().string())) continue;
    add(clips, fs::relative(entry->path(), folder).replace_extension().string(), entry->path(), place);
  }
  if (error) throw Error(Exit::Data, place, text(folder.string(), " cannot be read: ", error.message()));
  return clips;
}

/// A path with the pattern's `{…}` as `*`.
std::string with_stars(const std::string& pattern) {
  std::string stars;
  for (size_t at = 0; at < pattern.size(); ++at) {
    const size_t end = pattern[at] == '{' ? pattern.find('}', at) : std::string::npos;
    stars += end == std::string::npos ? pattern[at] : '*';
    if (end != std::string::npos) at = end;
  }
  return stars;
}

/// The videos that a run wrote: by the writers' paths, in which `{sequence}` and others stand for any text.
NamedClips clips_of_run(const fs::path& graph, const Place& place) {
  NamedClips clips;
  const graph::Item root = graph::read_toml(graph.string());
  const graph::Item* nodes = root.find("node");
  if (!nodes) return clips;
  for (const auto& node : nodes->entries) {
    const graph::Item* path = node.value.is_table() ? node.value.find("path") : nullptr;
    if (!path || !path->is_text() || !report::is_playable(path->text)) continue;
    const fs::path pattern = with_stars(path->text);
    if (pattern == path->text) {
      if (fs::exists(pattern)) add(clips, kOnlyClip, pattern, place);
      continue;
    }
    std::error_code error;
    for (const auto& entry :
         fs::directory_iterator(pattern.parent_path().empty() ? "." : pattern.parent_path(), error)) {
      if (matches(entry.path().filename().string(), pattern.filename().string()))
        add(clips, entry.path().stem().string(), entry.path(), place);
    }
  }
  return clips;
}

}  // namespace

NamedClips find_clips(const std::string& path, const Place& place) {
  std::error_code error;
  if (!fs::exists(path, error)) throw Error(Exit::Data, place, text("there is no ", path));
  if (fs::is_regular_file(path, error)) {
    if (!report::is_playable(path))
      throw Error(Exit::Data, place, text(path, " is none that browsers play"))
          .hint("they play .mp4, .webm, .gif and .png");
    return {{kOnlyClip, path}};
  }
  NamedClips clips = clips_below(path, place);
  const fs::path graph = fs::path(path) / "graph.toml";
  if (clips.empty() && fs::exists(graph, error)) clips = clips_of_run(graph, place);
  if (!clips.empty()) return clips;
  throw Error(Exit::Data, place, text("there are no clips in ", path))
      .hint("videos that browsers play are .mp4, .webm, .gif and .png; media.write_video writes them");
}

}  // namespace weft::cli
