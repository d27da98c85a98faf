#include "cli/fetch.h"

#include "cli/child.h"
#include "framework/base/text.h"
#include "framework/data/fetched_files.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace weft::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kWheel =
    "mediapipe==0.10.21 --hash=sha256:05dc4a9e593655a79558d05d6227d31018c2537a4bd3362b51e230cf22aecfe3";
constexpr int64_t kWheelBytes = 35'622'638;

/// Arguments: the folder of the wheel, a folder to write, then NAME, PLACE and SHA-256 of each file. What it prints is one line
/// that says what is wrong.
constexpr const char* kUnpack = R"(
import hashlib, pathlib, sys, zipfile
wheels, folder, files = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
try:
    archive = zipfile.ZipFile(next(pathlib.Path(wheels).glob("*.whl")))
    for name, place, wanted in zip(files[0::3], files[1::3], files[2::3]):
        content = archive.read(place)
        if hashlib.sha256(content).hexdigest() != wanted:
            sys.exit(f"{place} is not the file that weft knows: its SHA-256 differs")
        (folder / name).write_bytes(content)
except StopIteration:
    sys.exit("there is no wheel")
except (OSError, KeyError, zipfile.BadZipFile) as fault:
    sys.exit(str(fault))
)";

struct Arguments {
  std::vector<std::string> sets;
  bool is_agreed = false;
};

/// The files of the sets that were named, and what they are.
struct Wanted {
  std::vector<data::FetchedFile> files;
  std::string about;
  std::string sets;
  int64_t bytes = 0;
};

Wanted wanted_of(const std::vector<std::string>& names) {
  Wanted wanted;
  std::vector<std::string> sets;
  for (const data::FetchedSet& set : data::fetched_sets()) {
    if (std::find(names.begin(), names.end(), set.name) == names.end()) continue;
    wanted.about += text("  ", set.name, ": ", set.about, '\n');
    sets.emplace_back(set.name);
    for (const data::FetchedFile& file : set.files) {
      wanted.files.push_back(file);
      wanted.bytes += file.bytes;
    }
  }
  wanted.sets = join(sets, " ");
  return wanted;
}

bool is_there(const data::FetchedFile& file, const fs::path& folder) {
  std::error_code missing;
  return static_cast<int64_t>(fs::file_size(folder / file.name, missing)) == file.bytes && !missing;
}

/// Asks, unless --yes has answered.
/// @throws Error  (Exit::Usage) where there is no terminal to ask on
bool is_agreed(const Arguments& arguments, const std::string& sets) {
  if (arguments.is_agreed) return true;
  if (isatty(STDIN_FILENO) == 0) {
    throw Error(Exit::Usage, "nothing was fetched: there is no terminal to ask on")
        .hint(text("`weft fetch ", sets, " --yes` agrees to size, licence and source"));
  }
  std::cerr << "fetch it? [y/N] ";
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "Y" || answer == "yes";
}

/// A folder beside the one that is filled; removed at the end, whatever it is.
class WorkFolder {
 public:
  explicit WorkFolder(const fs::path& beside) {
    std::error_code error;
    fs::create_directories(beside.parent_path(), error);
    std::string name = beside.string() + ".XXXXXX";
    if (error || !mkdtemp(name.data())) {
      throw Error(Exit::Failed, text(beside.parent_path().string(),
                                     " cannot be written: ", error ? error.message() : std::strerror(errno)))
          .hint("XDG_CACHE_HOME=/path/to/cache puts it elsewhere");
    }
    path_ = name;
  }
  ~WorkFolder() {
    std::error_code error;
    fs::remove_all(path_, error);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;

  fs::path operator/(const char* name) const { return path_ / name; }

 private:
  fs::path path_;
};

/// The last line of pip's that says what is wrong.
std::string last_fault(const std::string& output) {
  std::string last;
  for (const std::string& line : split(output, '\n')) {
    const size_t at = line.find("ERROR: ");
    if (at != std::string::npos) last = line.substr(at + 7);
  }
  return last.empty() ? shortened(output, 300) : last;
}

/// What pip's output means.
[[noreturn]] void fail_to_download(const ChildEnd& end) {
  const auto says = [&](const char* words) { return end.output.find(words) != std::string::npos; };
  if (end.is_signalled || says("Operation cancelled"))
    throw Error(Exit::Failed, "the download was interrupted; nothing was changed")
        .hint("the same command starts it anew");
  if (says("DO NOT MATCH THE HASHES"))
    throw Error(Exit::Data, "the package index gave another file than mediapipe 0.10.21: its SHA-256 differs")
        .hint("is a mirror set in pip's configuration? `pip config list` shows it");
  if (says("No space left on device"))
    throw Error(Exit::Failed, text("the disk is full: the download takes ", bytes_text(kWheelBytes), " for a while"))
        .hint("XDG_CACHE_HOME and TMPDIR put the files elsewhere");
  for (const char* sign :
       {"NewConnectionError", "Temporary failure in name resolution", "ConnectTimeoutError", "ReadTimeoutError",
        "ProxyError", "Connection broken", "IncompleteRead", "Network is unreachable", "Connection aborted"}) {
    if (says(sign))
      throw Error(Exit::Failed, text("the package index cannot be reached, or the download broke off (", sign, ')'))
          .hint("the same command starts it anew; pip's configuration names a mirror or proxy");
  }
  throw Error(Exit::Failed, text("pip could not download mediapipe 0.10.21: ", last_fault(end.output)));
}

void download(const WorkFolder& work) {
  const std::string log = work / "pip.log";
  if (run_child({"python3", "-m", "pip", "--version"}, log).exit != 0) {
    throw Error(Exit::Failed, "files are fetched by pip, which is missing")
        .hint("apt-get install python3-pip; weft needs Python for nothing else");
  }
  std::ofstream(work / "wheel.txt") << kWheel << '\n';
  const ChildEnd end = run_child({"python3",
                                  "-m",
                                  "pip",
                                  "download",
                                  "--disable-pip-version-check",
                                  "--no-cache-dir",
                                  "--no-input",
                                  "--progress-bar",
                                  "off",
                                  "--retries",
                                  "2",
                                  "--require-hashes",
                                  "--no-deps",
                                  "--only-binary=:all:",
                                  "--python-version",
                                  "3.11",
                                  "--implementation",
                                  "cp",
                                  "--platform",
                                  "manylinux_2_28_x86_64",
                                  "-d",
                                  work / "wheels",
                                  "-r",
                                  work / "wheel.txt"},
                                 log);
  if (end.exit != 0) fail_to_download(end);
}

void unpack(const WorkFolder& work, const std::vector<data::FetchedFile>& files) {
  std::error_code error;
  fs::create_directory(work / "files", error);
  std::vector<std::string> words = {"python3", "-c", kUnpack, work / "wheels", work / "files"};
  for (const data::FetchedFile& file : files) {
    for (const std::string_view word : {file.name, file.place, file.sha256}) words.emplace_back(word);
  }
  const ChildEnd end = run_child(words, work / "unpack.log");
  if (end.exit == 0) return;
  std::string why = end.output;
  while (!why.empty() && why.back() == '\n') why.pop_back();
  throw Error(why.find("SHA-256") != std::string::npos ? Exit::Data : Exit::Failed,
              text("the wheel of mediapipe 0.10.21 cannot be unpacked: ", shortened(why, 300)));
}

/// Each file gets to its place whole.
void put(const WorkFolder& work, const std::vector<data::FetchedFile>& files, const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  for (const data::FetchedFile& file : files) {
    if (!error) fs::rename((work / "files") / file.name, folder / file.name, error);
  }
  if (error) throw Error(Exit::Failed, text(folder.string(), " cannot be written: ", error.message()));
}

Exit fetch(const Arguments& arguments) {
  const Wanted wanted = wanted_of(arguments.sets);
  const fs::path folder = data::fetched_folder();
  if (std::all_of(wanted.files.begin(), wanted.files.end(),
                  [&](const data::FetchedFile& file) { return is_there(file, folder); })) {
    std::cout << "already there: " << folder.string() << '\n';
    return Exit::Done;
  }
  std::cout << wanted.about
            << "  source:   the Python package mediapipe 0.10.21 from the package index, checked by SHA-256\n"
            << "  licence:  Apache-2.0\n"
            << "  size:     " << bytes_text(kWheelBytes) << " to download, " << bytes_text(wanted.bytes)
            << " to keep in " << folder.string() << std::endl;
  if (!is_agreed(arguments, wanted.sets)) {
    std::cout << "nothing was fetched\n";
    return Exit::Done;
  }
  const WorkFolder work(folder);
  download(work);
  unpack(work, wanted.files);
  put(work, wanted.files, folder);
  std::cout << "fetched " << count_text(static_cast<int64_t>(wanted.files.size()), "file") << " into "
            << folder.string() << '\n';
  return Exit::Done;
}

}  // namespace

void add_fetch_verb(CLI::App& app, Program& program) {
  CLI::App* verb = app.add_subcommand(
      "fetch",
      "Brings model files of others into the user's cache, for pose.estimate and face.estimate; says size, licence "
      "and source first");
  auto arguments = std::make_shared<Arguments>();
  std::vector<std::string> names;
  for (const data::FetchedSet& set : data::fetched_sets()) names.emplace_back(set.name);
  verb->add_option("what", arguments->sets, "pose, face, or both")->required()->check(CLI::IsMember(names));
  verb->add_flag("--yes", arguments->is_agreed, "Agrees without being asked");
  verb->callback([arguments, &program] { program.action = [arguments] { return fetch(*arguments); }; });
}

}  // namespace weft::cli
