#include "cli/child.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>

namespace weft::cli {
namespace {

constexpr int kNoSuchProgram = 127;

/// What a child has instead of this process's streams and signals.
class Surroundings {
 public:
  explicit Surroundings(const std::string& log) {
    posix_spawn_file_actions_init(&files_);
    posix_spawn_file_actions_addopen(&files_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files_, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&files_, STDOUT_FILENO, STDERR_FILENO);
    posix_spawnattr_init(&attributes_);
    sigset_t defaults;
    sigemptyset(&defaults);
    for (const int signal : {SIGINT, SIGPIPE, SIGXFSZ}) sigaddset(&defaults, signal);
    posix_spawnattr_setsigdefault(&attributes_, &defaults);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF);
  }
  ~Surroundings() {
    posix_spawn_file_actions_destroy(&files_);
    posix_spawnattr_destroy(&attributes_);
  }
  Surroundings(const Surroundings&) = delete;
  Surroundings& operator=(const Surroundings&) = delete;

  const posix_spawn_file_actions_t* files() const { return &files_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t files_{};
  posix_spawnattr_t attributes_{};
};

std::string content_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

}  // namespace

ChildEnd run_child(const std::vector<std::string>& words, const std::string& log) {
  if (!std::ofstream(log)) throw Error(Exit::Failed, text(log, " cannot be written: ", std::strerror(errno)));
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));  // NOLINT: as execv wants
  arguments.push_back(nullptr);
  const Surroundings surroundings(log);
  const auto before = std::signal(SIGINT, SIG_IGN);
  pid_t child = 0;
  ChildEnd end;
  const int fault =
      posix_spawnp(&child, arguments[0], surroundings.files(), surroundings.attributes(), arguments.data(), environ);
  if (fault == 0) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    end.is_signalled = WIFSIGNALED(status);
    end.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  } else {
    end.exit = kNoSuchProgram;
  }
  std::signal(SIGINT, before);
  end.output = content_of(log);
  return end;
}

}  // namespace weft::cli
