#include "cli/ablation_cell.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/weights/atomic_file.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <map>

namespace weft::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kStateFile = "state.txt";
constexpr const char* kSecondsFile = "seconds.txt";
constexpr const char* kWords[] = {"missing", "begun", "trained", "done"};
constexpr useconds_t kLook = 50'000;  // microseconds between looks at a process
constexpr std::chrono::minutes kSettling(1);

/// A number of bytes in a file of /proc that gives kilobytes by name; 0 where there is none.
int64_t bytes_in(const std::string& file, std::string_view name) {
  std::ifstream in(file);
  for (std::string word; in >> word;) {
    int64_t kilobytes = 0;
    if (word == name && in >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

/// What the new process does: only calls that are safe between fork() and exec().
[[noreturn]] void become(char* const* words, int in, int out) {
  ::setpgid(0, 0);                     // Ctrl-C reaches the first process, which passes it on once
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // and where that is killed, this one saves and ends
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(out, STDERR_FILENO);
  ::execv("/proc/self/exe", words);
  ::_exit(127);
}

}  // namespace

AblationCell::State AblationCell::state() const {
  std::ifstream in(folder / kStateFile);
  std::string word, of_training, of_measure;
  if (!(in >> word >> of_training >> of_measure) || of_training != training_hash) return State::Missing;
  for (const State one : {State::Begun, State::Trained, State::Done}) {
    if (word == kWords[static_cast<size_t>(one)])
      return one == State::Done && of_measure != measure_hash ? State::Trained : one;
  }
  return State::Missing;
}

void AblationCell::remember(State state) const {
  weights::write_atomically((folder / kStateFile).string(),
                            text(kWords[static_cast<size_t>(state)], ' ', training_hash, ' ', measure_hash, '\n'));
}

void AblationCell::move_aside() const {
  std::error_code error;
  if (!fs::exists(folder, error)) return;
  for (int number = 1;; ++number) {
    const fs::path aside = folder.string() + text(".before-", number);
    if (fs::exists(aside, error)) continue;
    fs::rename(folder, aside, error);
    if (error) throw Error(Exit::Failed, text(folder.string(), " cannot be renamed: ", error.message()));
    return;
  }
}

double AblationCell::seconds() const {
  std::ifstream in(folder / kSecondsFile);
  double seconds = 0;
  return in >> seconds ? seconds : 0;
}

void AblationCell::add_seconds(double more) const {
  weights::write_atomically((folder / kSecondsFile).string(), text(seconds() + more, '\n'));
}

std::optional<double> seconds_left(const std::vector<AblationCell>& cells) {
  struct Sum {
    double seconds = 0;
    int64_t count = 0;
    void add(double more) {
      seconds += more;
      ++count;
    }
    double mean() const { return seconds / static_cast<double>(count); }
  };
  Sum all;
  std::map<std::string, Sum> of_rows;
  for (const AblationCell& cell : cells) {
    if (cell.state() != AblationCell::State::Done || cell.seconds() == 0) continue;
    all.add(cell.seconds());
    of_rows[cell.row].add(cell.seconds());
  }
  if (all.count == 0) return {};
  double left = 0;
  for (const AblationCell& cell : cells) {
    const AblationCell::State state = cell.state();
    if (state == AblationCell::State::Done) continue;
    const auto row = of_rows.find(cell.row);
    const double whole = row == of_rows.end() ? all.mean() : row->second.mean();
    left += state == AblationCell::State::Missing ? whole : std::max(0.0, whole - cell.seconds());
  }
  return left;
}

std::string AblationCell::last_words() const {
  std::ifstream in(log());
  std::string last;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("weft: ") || (last.empty() && !line.empty())) last = line;
  }
  return printable(shortened(last, 200));
}

std::string folder_name(const std::string& row) {
  std::string name = row;
  for (char& c : name) {
    const bool stays = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '=' || c == '-';
    if (!stays) c = '_';
  }
  return name;
}

Ended run_program(const std::vector<std::string>& arguments, const std::string& log, const std::atomic<int>& stop,
                  const std::function<void(int64_t peak_bytes)>& settles) {
  std::vector<char*> words;
  for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const pid_t child = out < 0 || in < 0 ? -1 : ::fork();
  if (child == 0) become(words.data(), in, out);
  const int fault = errno;
  ::close(out);
  ::close(in);
  if (child < 0) throw Error(Exit::Failed, text("no process can be started: ", std::strerror(fault)));
  const auto settled = std::chrono::steady_clock::now() + kSettling;
  bool is_told = false, is_settled = false;
  for (int status = 0;;) {
    rusage used{};
    const pid_t ended = ::wait4(child, &status, WNOHANG, &used);
    if (ended == child)
      return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), int64_t{used.ru_maxrss} * 1024};
    if (ended < 0 && errno != EINTR) throw Error(Exit::Failed, text("a process was lost: ", std::strerror(errno)));
    if (stop.load() != 0 && !is_told) {
      ::kill(child, SIGTERM);
      is_told = true;
    }
    if (!is_settled && std::chrono::steady_clock::now() > settled) {
      settles(bytes_in(text("/proc/", child, "/status"), "VmHWM:"));
      is_settled = true;
    }
    ::usleep(kLook);
  }
}

int64_t available_bytes() {
  return bytes_in("/proc/meminfo", "MemAvailable:");
}

}  // namespace weft::cli
