#include "plugins/media/file_pattern.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

namespace weft::media {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSplit = "{split}", kSequence = "{sequence}", kFrame = "{frame}";
constexpr size_t kMostAgain = 10'000;
constexpr size_t kDeepest = 64;

[[noreturn]] void refuse(std::string_view pattern, const std::string& reason) {
  throw Error(Exit::Data, weft::text("the pattern \"", pattern, "\" ", reason))
      .hint("as in {split}/images/{sequence}/{frame}.png");
}

struct Content {
  std::vector<std::string> files, folders;
};

/// The entries of a folder, in no order; nothing when it does not exist.
Content content_of(const fs::path& folder) {
  Content content;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    std::error_code unknown;  // a broken link is taken for a file: reading it then reports the fault
    if (!name.starts_with('.')) (entry->is_directory(unknown) ? content.folders : content.files).push_back(name);
  }
  const bool is_absent = error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory;
  if (error && !is_absent)
    throw Error(Exit::Data, weft::text("cannot read the folder ", folder.string(), ": ", error.message()));
  return content;
}

/// What a folder is, by whatever name: its device and its number on it; of one that is not there zeros.
using FolderId = std::pair<dev_t, ino_t>;

FolderId id_of(const std::string& folder) {
  struct stat status {};
  ::stat(folder.c_str(), &status);
  return {status.st_dev, status.st_ino};
}

/// Counts the folders that links lead to once more: a few links can make any number of folders out of a few.
class Visits {
 public:
  /// @throws Error  (Data) when there are absurdly many
  void add(FolderId folder, const std::string& name) {
    if (known_.insert(folder).second || ++again_ <= kMostAgain) return;
    throw Error(Exit::Data, weft::text("links lead more than ", kMostAgain,
                                       " times to folders that were read before, the last time to ", name))
        .hint("take out the links that lead back to folders above them");
  }

 private:
  std::set<FolderId> known_;
  size_t again_ = 0;
};

/// Names of folders without {split}, and without those that mean the one that they are in (`.`).
std::vector<std::string> filled(const std::vector<std::string>& parts, const std::string& split_folder) {
  std::vector<std::string> folders;
  for (std::string part : parts) {
    const size_t at = part.find(kSplit);
    if (at != std::string::npos) part.replace(at, kSplit.size(), split_folder);
    for (const std::string& one : split(part, '/')) {
      if (!one.empty() && one != ".") folders.push_back(one);
    }
  }
  return folders;
}

/// The folders that names lead to: one unless a name is *.
std::vector<std::string> below(const std::string& root, const std::vector<std::string>& parts) {
  std::vector<std::string> at = {root};
  Visits visits;
  for (const std::string& part : parts) {
    std::vector<std::string> next;
    for (const fs::path folder : at) {
      const std::vector<std::string> names = part == "*" ? content_of(folder).folders : std::vector{part};
      for (const std::string& name : names) {
        next.push_back(folder / name);
        visits.add(id_of(next.back()), next.back());
      }
    }
    at = std::move(next);
  }
  return at;
}

}  // namespace

FilePattern::FilePattern(std::string_view pattern) : text_(pattern) {
  std::vector<std::string> parts = split(pattern, '/');
  const std::string name = parts.empty() ? "" : parts.back();
  if (!parts.empty()) parts.pop_back();
  for (const std::string& part : parts) {
    if (part.find(kFrame) != std::string::npos) refuse(pattern, "has {frame} in a folder");
    if (part == "..") refuse(pattern, "leads out of the data set");
    if (part == kSequence && has_sequence_folders_) refuse(pattern, "has {sequence} twice");
    if (part == kSequence) {
      has_sequence_folders_ = true;
      continue;
    }
    if (part.find(kSequence) != std::string::npos) refuse(pattern, "has more than {sequence} in the name of a folder");
    if (part == "*" && has_sequence_folders_) refuse(pattern, "has a * after {sequence}");
    (has_sequence_folders_ ? inside_ : folders_).push_back(part);
  }
  const size_t frame = name.find(kFrame);
  if (frame == std::string::npos) refuse(pattern, "has no {frame} in the file's name");
  const size_t sequence = name.find(kSequence);
  has_sequence_in_name_ = sequence != std::string::npos;
  if (has_sequence_in_name_ && has_sequence_folders_) refuse(pattern, "has {sequence} twice");
  before_ = name.substr(0, std::min(frame, sequence));
  after_ = name.substr(frame + kFrame.size());
  has_ending_ = after_.find('.') != std::string::npos;
  if (!has_sequence_in_name_) return;
  const size_t begin = sequence + kSequence.size();
  if (frame <= begin) refuse(pattern, "has nothing between {sequence} and {frame}, or {frame} first");
  between_ = name.substr(begin, frame - begin);
}

std::string FilePattern::folder(const std::string& split_folder) const {
  std::vector<std::string> certain;
  for (const std::string& part : filled(folders_, split_folder)) {
    if (part == "*") break;
    certain.push_back(part);
  }
  return join(certain, "/");
}

/// Takes a file's name apart. @returns whether it fits
bool FilePattern::read_name(const std::string& name, const std::vector<std::string>& endings, FoundFile& file) const {
  std::string_view rest = name;
  if (!has_ending_) {
    const std::string ending = fs::path(name).extension();
    if (std::find(endings.begin(), endings.end(), lower_case(ending)) == endings.end()) return false;
    rest.remove_suffix(ending.size());
  }
  if (rest.size() <= before_.size() + after_.size() || !rest.starts_with(before_) || !rest.ends_with(after_))
    return false;
  rest = rest.substr(before_.size(), rest.size() - before_.size() - after_.size());
  if (has_sequence_in_name_) {
    // The last one: frames are numbers, and names of sequences may have it in them.
    const size_t at = rest.rfind(between_);
    if (at == std::string_view::npos || at == 0) return false;
    file.sequence = rest.substr(0, at);
    rest.remove_prefix(at + between_.size());
  }
  file.frame = rest;
  return !rest.empty();
}

/// What is found below a folder, and the way to where it is looked for.
struct FilePattern::Search {
  const std::vector<std::string>& endings;
  std::vector<FolderId> way{};
  Visits visits{};
  std::vector<FoundFile> found{};
};

/// Takes the files of a folder, and those of the folders below it where each is a sequence.
void FilePattern::collect(const std::string& folder, const std::string& sequence, Search& search) const {
  const FolderId id = id_of(folder);
  if (std::find(search.way.begin(), search.way.end(), id) != search.way.end()) return;
  search.visits.add(id, folder);
  if (search.way.size() == kDeepest)
    throw Error(Exit::Data, weft::text("the folder ", folder, " lies more than ", kDeepest, " folders deep"));
  const Content content = content_of(folder);
  for (const std::string& name : content.files) {
    FoundFile file;
    file.sequence = sequence;
    if (!read_name(name, search.endings, file)) continue;
    file.path = fs::path(folder) / name;
    search.found.push_back(std::move(file));
  }
  if (!has_sequence_folders_ || !inside_.empty()) return;
  search.way.push_back(id);
  for (const std::string& name : content.folders)
    collect(fs::path(folder) / name, sequence.empty() ? name : sequence + '/' + name, search);
  search.way.pop_back();
}

std::vector<FoundFile> FilePattern::files(const std::string& root, const std::string& split_folder,
                                          const std::vector<std::string>& endings) const {
  Search search{endings};
  for (const std::string& folder : below(root, filled(folders_, split_folder))) {
    if (inside_.empty()) {
      collect(folder, "", search);
      continue;
    }
    for (const std::string& name : content_of(folder).folders) {
      for (const std::string& inner : below(fs::path(folder) / name, filled(inside_, split_folder)))
        collect(inner, name, search);
    }
  }
  std::sort(search.found.begin(), search.found.end(), [](const FoundFile& a, const FoundFile& b) {
    return a.sequence != b.sequence ? natural_less(a.sequence, b.sequence) : natural_less(a.frame, b.frame);
  });
  return std::move(search.found);
}

}  // namespace weft::media
