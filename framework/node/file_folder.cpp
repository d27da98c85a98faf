#include "framework/node/file_folder.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace weft {
namespace {

namespace fs = std::filesystem;

std::string lower_case(std::string word) {
  for (char& c : word) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return word;
}

void check_folder(const std::string& folder, const std::string& content) {
  std::error_code error;
  const fs::file_status status = fs::status(folder, error);
  if (status.type() == fs::file_type::not_found)
    throw Error(Exit::Data, text("there is no folder ", folder))
        .hint("a path in a graph file is relative to that file, on the command line to the working directory");
  if (error) throw Error(Exit::Data, text("cannot read the folder ", folder, ": ", error.message()));
  if (fs::is_directory(status)) return;
  throw Error(Exit::Data, text(folder, " is a file, but a folder of ", content, " is wanted"))
      .hint("give the folder that it lies in");
}

/// Names of the files in a folder, without hidden ones.
std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    std::error_code unknown;  // a broken link is taken for a file: reading it then says what is wrong
    if (!name.starts_with('.') && !entry->is_directory(unknown)) names.push_back(name);
  }
  if (error) throw Error(Exit::Data, text("cannot read the folder ", folder, ": ", error.message()));
  std::sort(names.begin(), names.end(), natural_less);
  return names;
}

std::string describe_without_files(const std::string& folder) {
  std::error_code unknown;
  if (fs::is_empty(folder, unknown)) return "it is empty";
  return "it has only folders or hidden files; one sequence is read in a run: give the folder of one";
}

}  // namespace

void FileFolder::params(Params& p) {
  p("path", path_, "the folder; its files are taken in natural order, frame2 before frame10").required();
  p("start", start_, "the first frame to read, counted from 0").min(0);
  p("stop", stop_, "the frame before which reading ends; left out or past the end: all").min(1);
}

std::optional<std::string> FileFolder::open() {
  if (is_open_) return {};
  is_open_ = true;
  if (stop_ && *stop_ <= start_) {
    throw Error(Exit::Graph, text("`stop` is ", *stop_, ", but reading begins at `start` = ", start_))
        .hint("`stop` is the frame before which reading ends, so it must be larger");
  }
  check_folder(path_, content_);
  files_ = list();
  cut_to_range();
  const fs::path folder = fs::path(path_.c_str()).lexically_normal();
  return folder.has_filename() ? folder.filename() : folder.parent_path().filename();
}

std::vector<std::string> FileFolder::list() const {
  const std::vector<std::string> names = names_in(path_);
  std::vector<std::string> files;
  for (const std::string& name : names) {
    const std::string ending = lower_case(fs::path(name).extension());
    const bool is_wanted = std::find(endings_.begin(), endings_.end(), ending) != endings_.end();
    if (is_wanted) files.push_back(fs::path(path_.c_str()) / name);
  }
  if (!files.empty()) return files;
  Error error(Exit::Data, text("the folder ", path_, " has no ", content_));
  error.hint(text("looked for files that end in ", join(endings_)));
  error.hint(names.empty() ? describe_without_files(path_) : text("it has ", quoted_list(names, "and", 3)));
  throw error;
}

void FileFolder::cut_to_range() {
  const int64_t count = frames();
  if (start_ >= count) {
    throw Error(Exit::Data,
                text("the folder ", path_, " has ", count_text(count, "frame"), ", but `start` is ", start_))
        .hint("frames are counted from 0");
  }
  if (stop_) files_.resize(static_cast<size_t>(std::min(*stop_, count)));
  files_.erase(files_.begin(), files_.begin() + start_);
}

std::optional<std::string> FileFolder::next() {
  if (next_ == files_.size()) return {};
  return files_[next_++];
}

std::string read_small_file(const std::string& file, int64_t most) {
  std::ifstream in(file, std::ios::binary);
  std::error_code error;
  const auto size = static_cast<int64_t>(fs::file_size(file, error));
  if (!in || error) {
    const int reason = error ? error.value() : errno;
    throw Error(Exit::Data, text("cannot read ", file, ": ", std::generic_category().message(reason)));
  }
  if (size > most) {
    throw Error(Exit::Data, text(file, " has ", bytes_text(size), ", which is too large for what it should be"))
        .hint(text("such files have at most ", bytes_text(most)));
  }
  std::string bytes(static_cast<size_t>(size), '\0');
  in.read(bytes.data(), size);
  bytes.resize(static_cast<size_t>(in.gcount()));
  return bytes;
}

}  // namespace weft
