#include "framework/data/file_folder.h"

#include "framework/base/log.h"
#include "framework/data/frame_number.h"
#include "framework/data/ordinary_file.h"
#include "framework/node/context.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

namespace weft::data {
namespace {

namespace fs = std::filesystem;

void check_folder(const std::string& folder, const std::string& content) {
  check_path(folder);
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (status.type() == fs::file_type::not_found)
    throw Error(Exit::Data, text("there is no folder ", folder))
        .hint("a path in a graph file is relative to that file, a path on the command line to the working directory");
  if (error) throw Error(Exit::Data, text("cannot read the folder ", folder, ": ", error.message()));
  if (fs::is_directory(status)) return;
  throw Error(Exit::Data, text(folder, " is a file, but a folder of ", content, " is wanted"))
      .hint("give the folder that contains it");
}

/// What is in a folder, without hidden files, in natural order.
struct Content {
  std::vector<std::string> files, folders;
};

Content content_of(const std::string& folder) {
  Content content;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    // Such a name would become lines of messages, and of lists of frames.
    if (std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; })) {
      throw Error(Exit::Data,
                  text("the folder ", folder, " has a name with control characters: \"", printable(name), '"'))
          .hint("rename it");
    }
    std::error_code unknown;  // a broken link is taken for a file: reading it then says what is wrong
    if (!name.starts_with('.')) (entry->is_directory(unknown) ? content.folders : content.files).push_back(name);
  }
  if (error) throw Error(Exit::Data, text("cannot read the folder ", folder, ": ", error.message()));
  std::sort(content.files.begin(), content.files.end(), natural_less);
  std::sort(content.folders.begin(), content.folders.end(), natural_less);
  return content;
}

std::string describe_without_files(const std::string& folder, const Content& content) {
  if (!content.files.empty()) return text("it has ", quoted_list(content.files, "and", 3));
  if (!content.folders.empty())
    return text("it has only folders without such files: ", quoted_list(content.folders, "and", 3));
  std::error_code unknown;
  return fs::is_empty(folder, unknown) ? "it is empty" : "it has only hidden files";
}

/// The folder's name, also of `labels/` and `.`.
std::string name_of(const std::string& folder) {
  std::error_code unknown;
  const fs::path whole = fs::absolute(folder, unknown).lexically_normal();
  return whole.has_filename() ? whole.filename() : whole.parent_path().filename();
}

/// @param are_files  each of which has all frames of a sequence
std::vector<std::string> names_of(const std::vector<std::string>& sequences, bool are_files) {
  std::vector<std::string> names;
  for (const std::string& one : sequences) names.push_back(are_files ? frame_name(one) : name_of(one));
  return names;
}

std::vector<std::string> names_of_frames(const std::vector<std::string>& files) {
  std::vector<std::string> names;
  for (const std::string& file : files) names.push_back(frame_name(file));
  return names;
}

/// Two files of one name would be two frames, one behind the other.
void check_names(const std::vector<std::string>& all) {
  std::map<std::string, std::string> files;  // by the frame's name
  for (const std::string& file : all) {
    const auto [other, is_new] = files.emplace(frame_name(file), file);
    if (is_new) continue;
    throw Error(Exit::Data, text(file, " and ", other->second, " are two files of one frame"))
        .hint("remove one of them");
  }
}

}  // namespace

void FileFolder::params(Params& p) {
  p("path", path_,
    "the folder; files are read in natural order, frame2 before frame10; if it has only sub-folders, each of them is a "
    "sequence")
      .required();
  p("start", start_, "the first frame to read, counted from 0").min(0);
  p("stop", stop_, "the frame before which reading ends; default, or past the end: all frames").min(1);
  p("length", length_,
    "frames of a clip. In training, an epoch has one random clip of each sequence, as media.clips chooses them, so "
    "that folders with the same sequences, `length` and `stride` give clips that match; in a run, the first frames of "
    "each sequence. 0: whole sequences; default: whole sequences in natural order")
      .min(0);
  p("stride", stride_, "in training, a clip takes every n-th frame, with a random n from 1 to this; needs `length`")
      .min(1);
  p("clips", clips_,
    "clips in an epoch of training, each of a random sequence with a probability in proportion to its frames, as "
    "media.clips chooses them; 0: as many as there are frames; default: one of each sequence; needs `length`")
      .min(0);
  example_.declare(p);
  p("held_out", held_out_,
    "folder of the sequences that are kept for measuring: none of them may be read here, by its name");
}

void FileFolder::find_sequences() {
  if (!folders_.empty()) return;
  if (stop_ && *stop_ <= start_) {
    throw Error(Exit::Graph, text("`stop` is ", *stop_, ", but reading begins at `start` = ", start_))
        .hint("`stop` is the frame before which reading ends, so it must be larger than `start`");
  }
  check_clips();
  if (is_file()) {
    folders_ = {path_};
    return check_held_out();
  }
  check_folder(path_, content_);
  const Content content = content_of(path_);
  const std::vector<std::string> files = list_files(path_, endings_);
  std::vector<std::string> without;
  for (const std::string& name : content.folders) {
    const std::string folder = fs::path(path_.c_str()) / name;
    // Beside files, a folder that cannot be read is no sequence either.
    const bool is_closed = !files.empty() && ::faccessat(AT_FDCWD, folder.c_str(), R_OK | X_OK, AT_EACCESS) != 0;
    (is_closed || list_files(folder, endings_).empty() ? without : folders_).push_back(folder);
  }
  if (!files.empty() && !folders_.empty()) refuse_both(files);
  if (!files.empty()) {
    folders_ = {path_};
    return check_held_out();
  }
  if (!folders_.empty()) {
    left_out_ = std::move(without);
    check_held_out();
    return;
  }
  Error error(Exit::Data, text("the folder ", path_, " has no ", content_));
  error.hint(text("looked for files with the ending ", join(endings_)));
  throw error.hint(describe_without_files(path_, content));
}

/// Sequences that are kept for measuring are not for training.
void FileFolder::check_held_out() const {
  if (!held_out_) return;
  check_folder(*held_out_, content_);
  const std::vector<std::string> names = names_of(folders_, is_file());
  const bool is_one = !list_files(*held_out_, endings_).empty();
  check_disjoint(names, is_one ? std::vector{name_of(*held_out_)} : content_of(*held_out_).folders, *held_out_);
}

/// A folder is one sequence or has sequences: which one it is, nobody can say of a folder with both.
void FileFolder::refuse_both(const std::vector<std::string>& files) {
  std::vector<std::string> names, sequences;
  for (const std::string& file : files) names.push_back(fs::path(file).filename());
  for (const std::string& folder : std::exchange(folders_, {})) sequences.push_back(name_of(folder));
  throw Error(Exit::Data, text("the folder ", path_, " has both ", content_, " (", quoted_list(names, "and", 3),
                               ") and folders of them (", quoted_list(sequences, "and", 3), ')'))
      .hint("move the files or the folders elsewhere: a folder is one sequence, or each of its folders is one");
}

/// Folders among the sequences that have no files.
void FileFolder::report_left_out(Log& log) {
  for (const std::string& folder : std::exchange(left_out_, {})) {
    log.warn(text("the folder ", folder, " has no ", content_, ": it is no sequence, and left out"));
  }
}

/// Whether `path` is a file that may have all frames.
bool FileFolder::is_file() const {
  std::error_code unknown;
  return frames_within_ && path_.find('\0') == std::string::npos && fs::is_regular_file(path_.c_str(), unknown);
}

void FileFolder::check_clips() const {
  if (length_ || (stride_ == 1 && !clips_ && !example_.number)) return;
  throw Error(Exit::Graph, stride_ > 1 ? "`stride` is given, but it works only with clips: `length` is not given"
                           : clips_    ? "`clips` is given, but `length`, which makes clips of sequences, is not"
                                       : "`example` is given, but `length`, which makes clips of sequences, is not")
      .hint("add a length, such as `length = 6`; 0 makes a clip as long as its sequence allows");
}

std::vector<std::string> FileFolder::sequences() {
  find_sequences();
  return names_of(folders_, is_file());
}

std::optional<std::string> FileFolder::open() {
  find_sequences();
  if (next_folder_ == folders_.size()) return {};
  return open_folder(next_folder_++);
}

std::optional<std::string> FileFolder::open(const Context& context) {
  find_sequences();
  report_left_out(context.log());
  if (!length_) return open();
  const ClipRules rules{*length_, stride_};
  if (!context.is_training()) {
    if (next_folder_ >= folders_.size()) return {};
    const size_t number = next_folder_++;
    const std::string name = open_folder(number);
    cut_to(name, first_clip(rules, frames()), draws_of_examples(clip_seed(context), number));
    return name;
  }
  const uint64_t seed = clip_seed(context);
  const std::vector<size_t>& order = order_of_epoch(seed);
  if (next_folder_ >= order.size()) return {};
  const size_t clip = next_folder_++, number = order[clip];
  const std::string name = open_folder(number);
  // A sequence that is drawn twice gives two clips.
  const size_t of_clip = clips_ ? clip : number;
  Draws draws = draws_of_clip(seed, of_clip);
  cut_to(name, draw_clip(rules, frames(), draws), draws_of_examples(seed, of_clip));
  return name;
}

const std::vector<size_t>& FileFolder::order_of_epoch(uint64_t seed) {
  if (!order_.empty()) return order_;
  if (!clips_) return order_ = shuffled_sequences(folders_.size(), seed);
  return order_ = drawn_sequences(frames_of_sequences(), *clips_, seed);
}

/// Lists all folders once.
const std::vector<std::vector<std::string>>& FileFolder::files_of_sequences() {
  if (!files_of_.empty()) return files_of_;
  std::vector<std::vector<std::string>> files;
  for (const std::string& folder : folders_) files.push_back(files_of(folder));
  return files_of_ = std::move(files);
}

std::vector<int64_t> FileFolder::frames_of_sequences() {
  std::vector<int64_t> frames;
  for (const std::vector<std::string>& files : files_of_sequences())
    frames.push_back(static_cast<int64_t>(files.size()));
  return frames;
}

size_t FileFolder::most_clips() {
  if (!clips_) return folders_.size();
  return std::max(folders_.size(), static_cast<size_t>(count_clips(frames_of_sequences(), *clips_)));
}

/// Lists the files of a sequence. @returns its name
std::string FileFolder::open_folder(size_t number) {
  const std::string& folder = folders_[number];
  files_ = all_files_ = files_of_.empty() ? files_of(folder) : files_of_[number];
  next_ = 0;
  return is_file() ? frame_name(folder) : name_of(folder);
}

std::vector<std::string> FileFolder::files_of(const std::string& folder) const {
  std::vector<std::string> files = is_file() ? std::vector{folder} : list_files(folder, endings_);
  check_names(files);
  if (frames_within_ && files.size() == 1) {
    const std::string file = files.front();
    const std::vector<std::string> names = frames_within_(file);
    if (!names.empty()) files.clear();
    for (const std::string& name : names) files.push_back(text(file, '/', name));
  }
  cut_to_range(folder, files);
  return files;
}

std::optional<int64_t> FileFolder::frame_count() const {
  if (!length_) return {};
  if (example_.number) return 1;
  return *length_ > 0 ? length_ : std::nullopt;
}

std::vector<std::vector<std::string>> FileFolder::drawn_from() {
  if (!length_) return {};
  find_sequences();
  std::vector<std::vector<std::string>> names;
  for (const std::vector<std::string>& files : files_of_sequences()) names.push_back(names_of_frames(files));
  return names;
}

/// Leaves the files of a clip, or that of its example.
void FileFolder::cut_to(const std::string& name, const ClipFrames& clip, const Draws& of_examples) {
  if (example_.number) {
    files_ = {files_[static_cast<size_t>(draw_example(example_, clip, name, frames(), of_examples))]};
    return;
  }
  std::vector<std::string> files;
  for (int64_t t = 0; t < clip.count; ++t) files.push_back(files_[static_cast<size_t>(clip.begin + t * clip.step)]);
  files_ = std::move(files);
}

bool FileFolder::skip_sequence() {
  find_sequences();
  // Only open() knows whether this is training, where there may be more clips than sequences.
  if (next_folder_ >= most_clips()) return false;
  ++next_folder_;
  return true;
}

std::vector<std::string> FileFolder::frame_names() const {
  return names_of_frames(files_);
}

void FileFolder::cut_to_range(const std::string& folder, std::vector<std::string>& files) const {
  const auto count = static_cast<int64_t>(files.size());
  if (start_ >= count) {
    throw Error(Exit::Data,
                text("the folder ", folder, " has ", count_text(count, "frame"), ", but `start` is ", start_))
        .hint("frames are counted from 0");
  }
  if (stop_) files.resize(static_cast<size_t>(std::min(*stop_, count)));
  files.erase(files.begin(), files.begin() + start_);
}

std::optional<std::string> FileFolder::next() {
  if (next_ == files_.size()) return {};
  return files_[next_++];
}

std::vector<std::string> list_files(const std::string& folder, const std::vector<std::string>& endings) {
  std::vector<std::string> files;
  for (const std::string& name : content_of(folder).files) {
    const std::string ending = lower_case(fs::path(name).extension());
    const bool is_wanted = std::find(endings.begin(), endings.end(), ending) != endings.end();
    if (is_wanted) files.push_back(fs::path(folder) / name);
  }
  return files;
}

}  // namespace weft::data
