#include "framework/data/frame_files.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/output_file.h"
#include "framework/data/output_path.h"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <set>
#include <system_error>

namespace weft::data {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kStem = "{stem}";

/// The unfinished files of all writers of this process: of two in one folder, the names of one may fit the other's pattern.
class OpenFiles {
 public:
  void add(const fs::path& file) {
    const std::lock_guard lock(mutex_);
    files_.insert(key(file));
  }
  bool has(const fs::path& file) {
    const std::lock_guard lock(mutex_);
    return files_.contains(key(file));
  }
  void remove(const fs::path& folder, const std::vector<std::string>& names) {
    const std::lock_guard lock(mutex_);
    for (const std::string& name : names) files_.erase(key(folder / name));
  }

 private:
  static std::string key(const fs::path& file) { return fs::absolute(file).lexically_normal(); }

  std::mutex mutex_;
  std::set<std::string> files_;
};

OpenFiles& open_files() {
  static OpenFiles files;
  return files;
}

/// The names in a folder that `name` makes.
std::vector<std::string> files_that_fit(const std::string& folder, const FrameName& name) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string file = entry->path().filename();
    std::error_code unknown;
    if (name.fits(file) && !entry->is_directory(unknown)) found.push_back(file);
  }
  return found;
}

}  // namespace

at::Tensor only_frame(const at::Tensor& batch) {
  if (batch.size(0) == 1) return batch.select(0, 0);
  throw Error(Exit::Graph, text("a file holds one sequence, but the batch has ", batch.size(0), " of them"))
      .hint("write with a batch of 1");
}

void FrameFiles::params(Params& p) {
  if (name_.empty()) name_ = text("%06d", endings_.front());
  p("path", path_, "the output folder, which is created if necessary; {sequence} stands for the name of the sequence")
      .required();
  p("below", below_, "a folder below `path`, such as images/{sequence}: then several writers can have the same `path`");
  p("name", name_,
    text("the files' names, with the ending ", join(endings_, " or "),
         ": %d stands for the frame's number t, %06d for the number with six digits, {stem} for the name of the "
         "source's file"));
}

std::string FrameFiles::folder_of(const std::string& sequence) const {
  if (std::string(path_).empty() && below_.empty())
    throw Error(Exit::Graph, "`path` is empty, but it is the folder to write to").hint("`.` is the working folder");
  const fs::path below = fs::path(below_).lexically_normal();
  if (below.is_absolute() || (!below.empty() && *below.begin() == ".."))
    throw Error(Exit::Graph, text("`below` is \"", below_, "\", but it is a folder below `path`"));
  return with_sequence(below_.empty() ? std::string(path_) : text(path_, '/', below_), sequence);
}

std::optional<Output> FrameFiles::output(const std::string& sequence) const {
  const std::string folder = folder_of(sequence);
  const std::vector<std::string> found = files_that_fit(folder, checked_name());
  // Where a part of the files has got to its place and no more, the sequence is not finished.
  if (!found.empty() && is_half_moved(folder, found)) return Output{fs::path(folder) / name_, ""};
  const auto first = std::min_element(found.begin(), found.end(), natural_less);
  return Output{fs::path(folder) / name_, first == found.end() ? "" : (fs::path(folder) / *first).string()};
}

/// Whether the files of a sequence were on their way from the folder `unfinished` when a run ended. Those of a run that did
/// not get so far have names that are in the folder too, when something was there before.
bool FrameFiles::is_half_moved(const std::string& folder, const std::vector<std::string>& found) const {
  const std::set<std::string> moved(found.begin(), found.end());
  const std::vector<std::string> left = files_that_fit(fs::path(folder) / kUnfinishedFolder, checked_name());
  return !left.empty() &&
         std::none_of(left.begin(), left.end(), [&](const auto& name) { return moved.contains(name); });
}

std::string FrameFiles::ending() const {
  return fs::path(name_).extension();
}

FrameName FrameFiles::checked_name() const {
  const auto parsed = FrameName::parse(name_);
  if (parsed && std::find(endings_.begin(), endings_.end(), ending()) != endings_.end()) return *parsed;
  throw Error(Exit::Graph, text("`name` is \"", name_, "\", which cannot name the files of frames"))
      .hint(text("write one %d, %06d or {stem} in it, no folders, and ", join(endings_, " or "),
                 " at its end: \"frame_%06d", endings_.front(), '"'));
}

void FrameFiles::begin(const Context& context) {
  const std::string folder = folder_of(context.sequence());
  if (folder == folder_) fail_at_second_sequence(text("the folder ", folder));
  const FrameName name = checked_name();
  const fs::path unfinished = fs::path(folder) / kUnfinishedFolder;
  make_folder(folder);
  make_folder(unfinished);
  // The files of a run that was stopped.
  for (const std::string& file : files_that_fit(unfinished, name)) {
    std::error_code unknown;
    if (!open_files().has(unfinished / file)) fs::remove(unfinished / file, unknown);
  }
  earlier_.clear();
  for (const std::string& file : files_that_fit(folder, name)) {
    std::error_code unknown;
    const fs::file_time_type time = fs::last_write_time(fs::path(folder) / file, unknown);
    if (!unknown) earlier_.emplace_back(file, time);
  }
  folder_ = folder;
  written_.clear();
  is_open_ = true;
}

std::string FrameFiles::name_for(const Context& context) const {
  const FrameName name = checked_name();
  if (name.is_stem && context.frame_name().empty()) {
    throw Error(Exit::Graph, text("`name` is \"", name_, "\", but no source has a file for frame ", context.frame()))
        .hint("folders of files have names for {stem}; write %06d instead");
  }
  return name(context.frame(), context.frame_name());
}

void FrameFiles::write(std::string_view bytes, Context& context) {
  if (!is_open_) begin(context);
  add(name_for(context), bytes);
}

void FrameFiles::write_beside(std::string_view ending, std::string_view bytes) {
  add(fs::path(written_.back()).replace_extension(ending), bytes);
}

void FrameFiles::add(const std::string& name, std::string_view bytes) {
  const fs::path file = fs::path(folder_) / kUnfinishedFolder / name;
  open_files().add(file);
  write_file(file, bytes);
  written_.push_back(name);
}

void FrameFiles::finish(Context& context) {
  if (!is_open_) return;
  is_open_ = false;
  const fs::path folder(folder_), unfinished = folder / kUnfinishedFolder;
  open_files().remove(unfinished, written_);
  if (context.is_broken_off()) {
    if (!written_.empty())
      context.log().note(text(unfinished.string(), " holds the ",
                              count_text(static_cast<int64_t>(written_.size()), "frame"), " written before the end"));
    return;
  }
  std::error_code unknown;
  // What is replaced goes first: so it shows when not all get there.
  for (const std::string& name : written_) fs::remove(folder / name, unknown);
  for (const std::string& name : written_) finish_file(unfinished / name, folder / name);
  remove_earlier(context);
  // Another writer may have files in it.
  fs::remove(unfinished, unknown);
}

/// Removes what an earlier run has left beside the frames of this one, so that no reader takes both for one sequence.
/// Whatever has been written since is another writer's.
void FrameFiles::remove_earlier(Context& context) const {
  const std::set<std::string> written(written_.begin(), written_.end());
  int64_t removed = 0;
  for (const auto& [name, time] : earlier_) {
    const fs::path file = fs::path(folder_) / name;
    std::error_code unknown;
    if (written.contains(name) || fs::last_write_time(file, unknown) != time || unknown) continue;
    removed += fs::remove(file, unknown) ? 1 : 0;
  }
  if (removed > 0) context.log().note(text(folder_, ": ", count_text(removed, "file"), " of an earlier run removed"));
}

std::optional<FrameName> FrameName::parse(std::string_view name) {
  if (name.find('/') != std::string_view::npos) return {};
  const size_t stem = name.find(kStem);
  if (stem != std::string_view::npos) {
    const std::string_view after = name.substr(stem + kStem.size());
    const bool is_once = name.find('%') == std::string_view::npos && after.find(kStem) == std::string_view::npos;
    if (!is_once) return {};
    return FrameName{std::string(name.substr(0, stem)), true, 0, std::string(after)};
  }
  const size_t begin = name.find('%');
  if (begin == std::string_view::npos) return {};
  size_t end = begin + 1;
  size_t digits = 0;
  if (end < name.size() && name[end] == '0') {
    while (++end < name.size() && name[end] >= '0' && name[end] <= '9') digits = digits * 10 + size_t(name[end] - '0');
    if (digits == 0 || digits > 18) return {};
  }
  if (end >= name.size() || name[end] != 'd') return {};
  const std::string_view after = name.substr(end + 1);
  if (after.find('%') != std::string_view::npos) return {};
  return FrameName{std::string(name.substr(0, begin)), false, digits, std::string(after)};
}

std::string FrameName::operator()(int64_t number, const std::string& stem) const {
  if (is_stem) return before + stem + after;
  const std::string plain = text(number);
  const std::string zeros(digits > plain.size() ? digits - plain.size() : 0, '0');
  return before + zeros + plain + after;
}

bool FrameName::fits(std::string_view file) const {
  if (file.size() <= before.size() + after.size() || !file.starts_with(before) || !file.ends_with(after)) return false;
  if (is_stem) return true;
  const std::string_view number = file.substr(before.size(), file.size() - before.size() - after.size());
  return std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace weft::data
