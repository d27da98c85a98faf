#include "tests/cli/program.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

extern char** environ;

namespace weft::testing {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// Machines of many jobs are slow; what takes this long hangs.
constexpr std::chrono::seconds kPatience(60);

/// A pipe from the program to the test.
struct Pipe {
  Pipe() {
    if (pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
  }
  ~Pipe() {
    close_writer();
    close_reader();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  void close_writer() {
    if (ends[1] >= 0) ::close(ends[1]);
    ends[1] = -1;
  }

  void close_reader() {
    if (ends[0] >= 0) ::close(ends[0]);
    ends[0] = -1;
    is_open = false;
  }

  std::array<int, 2> ends{};
  bool is_open = true;
};

std::vector<std::string> environment_of(const std::map<std::string, std::string>& changes) {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable; ++variable) {
    const std::string whole = *variable, name = whole.substr(0, whole.find('='));
    if (!changes.contains(name)) variables.push_back(whole);
  }
  for (const auto& [name, value] : changes) variables.push_back(name + '=' + value);
  return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

void limit(__rlimit_resource resource, uint64_t bytes) {
  if (bytes == 0) return;
  const rlimit limits = {bytes, bytes};
  setrlimit(resource, &limits);
}

/// Between fork and exec: nothing here may allocate.
[[noreturn]] void become(const char* program, char** arguments, char** environment, const char* folder, int out,
                         int err, const Surroundings& surroundings) {
  if (chdir(folder) != 0) _exit(126);
  dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
  dup2(surroundings.out.empty() ? out : open(surroundings.out.c_str(), O_WRONLY), STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  // What a test program ignores or blocks would be so in the program too.
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGPIPE, SIGXFSZ}) ::signal(signal, SIG_DFL);
  limit(RLIMIT_FSIZE, surroundings.largest_file);
  limit(RLIMIT_AS, surroundings.most_memory);
  const rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  if (surroundings.obeys_permissions) {
    // Without these rights root is an owner as others are. Who is not root has none to lose.
    prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE);
    prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH);
  }
  for (const int descriptor : surroundings.closed) ::close(descriptor);
  execve(program, arguments, environment);
  _exit(127);
}

/// Takes what both pipes bring until the program closes them. @returns false when that takes too long
bool drain(Pipe& out, Pipe& err, Outcome& outcome) {
  const auto deadline = Clock::now() + kPatience;
  std::array<char, 1 << 16> block{};
  while (out.is_open || err.is_open) {
    std::array<pollfd, 2> polled = {{{out.is_open ? out.ends[0] : -1, POLLIN, 0},  //
                                     {err.is_open ? err.ends[0] : -1, POLLIN, 0}}};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0 || poll(polled.data(), polled.size(), static_cast<int>(left)) == 0) return false;
    const auto take = [&](const pollfd& ready, Pipe& pipe, std::string& into) {
      if (ready.revents == 0) return;
      const ssize_t count = ::read(pipe.ends[0], block.data(), block.size());
      if (count > 0) into.append(block.data(), static_cast<size_t>(count));
      if (count == 0) pipe.is_open = false;
    };
    take(polled[0], out, outcome.out);
    take(polled[1], err, outcome.err);
  }
  return true;
}

void replace_all(std::string& text, const std::string& old, const std::string& fresh) {
  for (size_t at = text.find(old); at != std::string::npos; at = text.find(old, at + fresh.size())) {
    text.replace(at, old.size(), fresh);
  }
}

}  // namespace

std::string repeated(const std::string& part, int count) {
  std::string whole;
  for (int i = 0; i < count; ++i) whole += part;
  return whole;
}

void ProgramTest::SetUp() {
  const auto* const test = ::testing::UnitTest::GetInstance()->current_test_info();
  std::string name = std::string("weft_") + test->test_suite_name() + '_' + test->name();
  for (char& c : name) c = c == '/' ? '_' : c;
  folder_ = fs::canonical(fs::temp_directory_path()) / name;
  fs::remove_all(folder_);
  fs::create_directories(folder_);
}

void ProgramTest::TearDown() {
  fs::remove_all(folder_);
}

Outcome ProgramTest::weft(const std::vector<std::string>& arguments, const Surroundings& surroundings) const {
  const std::string program = WEFT_BUILD_DIR "/weft", folder = folder_;
  std::vector<std::string> words = {"weft"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::map<std::string, std::string> changes = {{"WEFT_PLUGIN_PATH", WEFT_BUILD_DIR "/tests/plugins"},
                                                {"OMP_NUM_THREADS", "2"}};
  for (const auto& [variable, value] : surroundings.environment) changes[variable] = value;
  std::vector<std::string> variables = environment_of(changes);
  const std::vector<char*> word_pointers = pointers_to(words), variable_pointers = pointers_to(variables);
  Pipe out, err;
  const pid_t process = fork();
  if (process == 0) {
    if (surroundings.out_is_broken) ::close(out.ends[0]);
    become(program.c_str(), const_cast<char**>(word_pointers.data()), const_cast<char**>(variable_pointers.data()),
           folder.c_str(), out.ends[1], err.ends[1], surroundings);
  }
  out.close_writer();
  err.close_writer();
  if (surroundings.out_is_broken) out.close_reader();
  if (surroundings.meanwhile) surroundings.meanwhile(process);
  Outcome outcome;
  if (!drain(out, err, outcome)) {
    kill(process, SIGKILL);
    ADD_FAILURE() << "the program takes longer than a minute; it said\n" << outcome.err;
  }
  int status = 0;
  waitpid(process, &status, 0);
  if (WIFEXITED(status)) outcome.exit = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  outcome.out = normalised(outcome.out);
  outcome.err = normalised(outcome.err);
  return outcome;
}

std::string ProgramTest::weft_out(const std::vector<std::string>& arguments) const {
  const Outcome outcome = weft(arguments);
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  return outcome.out;
}

void ProgramTest::expect_error(const Outcome& outcome, int exit, const std::string& message) const {
  EXPECT_EQ(outcome.signal, 0);
  EXPECT_EQ(outcome.exit, exit);
  EXPECT_EQ(outcome.err, message + '\n');
  EXPECT_EQ(outcome.out, "");
}

void ProgramTest::write(const std::string& name, std::string_view content) const {
  fs::create_directories((folder_ / name).parent_path());
  std::ofstream(folder_ / name, std::ios::binary) << content;
}

void ProgramTest::write_graph(const std::string& name, std::string_view content) const {
  write(name, "format = 1\n" + std::string(content));
}

std::string ProgramTest::read(const std::string& name) const {
  return content_of_file(folder_ / name);
}

std::string ProgramTest::normalised(std::string text) const {
  replace_all(text, folder_.string() + '/', "");
  replace_all(text, folder_.string(), ".");
  replace_all(text, WEFT_BUILD_DIR, "BUILD");
  replace_all(text, WEFT_SOURCE_DIR, "SOURCE");
  return text;
}

std::string content_of_file(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool wait_until(const std::function<bool()>& is_so) {
  const auto deadline = Clock::now() + kPatience;
  while (!is_so()) {
    if (Clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

bool has_address_sanitizer() {
#if defined(__SANITIZE_ADDRESS__)
  return true;
#else
  return false;
#endif
}

}  // namespace weft::testing
