#include "framework/run/output_lock.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/frame_files.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

namespace weft::run {
namespace {

namespace fs = std::filesystem;

/// The file whose lock stands for the output; empty where the output has no name.
fs::path lock_file_of(const std::string& output) {
  std::error_code error;
  const fs::path whole = fs::weakly_canonical(fs::absolute(output, error), error);
  if (error || whole.filename().empty()) return {};
  const std::string name = whole.filename();
  return whole.parent_path() / text('.', data::FrameName::parse(name) ? data::kUnfinishedFolder : name, ".lock");
}

/// The same, in a folder that is there then; empty where it cannot be made.
std::string make_place_of_lock(const std::string& output) {
  const fs::path file = lock_file_of(output);
  std::error_code error;
  if (!file.empty()) fs::create_directories(file.parent_path(), error);
  return error ? std::string() : file.string();
}

int open_lock_file(const std::string& file, int creation) {
  return ::open(file.c_str(), O_RDWR | creation | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
}

/// Whether the name still leads to the open file: whoever held the lock before may have removed it.
bool is_still_at(const std::string& file, int descriptor) {
  struct stat named {};
  struct stat opened {};
  return ::stat(file.c_str(), &named) == 0 && ::fstat(descriptor, &opened) == 0 && named.st_ino == opened.st_ino &&
         named.st_dev == opened.st_dev;
}

}  // namespace

OutputLock::OutputLock(const std::string& output) : file_(make_place_of_lock(output)) {
  while (!file_.empty()) {
    descriptor_ = open_lock_file(file_, O_CREAT);
    if (descriptor_ < 0) return;
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      ::close(descriptor_);
      throw Error(Exit::Failed, text(output, " is being written already, by another process or another node"))
          .hint("wait until it has ended, or give this run an output of its own");
    }
    if (is_still_at(file_, descriptor_)) return;
    ::close(descriptor_);
  }
}

OutputLock::OutputLock(OutputLock&& other) noexcept
    : file_(std::move(other.file_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

OutputLock::~OutputLock() {
  if (descriptor_ < 0) return;
  ::unlink(file_.c_str());
  ::close(descriptor_);
}

std::string OutputLock::file_for(const std::string& output) {
  return lock_file_of(output);
}

void OutputLock::remove_abandoned(const std::string& output) {
  const std::string file = lock_file_of(output).string();
  const int descriptor = file.empty() ? -1 : open_lock_file(file, 0);
  if (descriptor < 0) return;
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0 && is_still_at(file, descriptor)) ::unlink(file.c_str());
  ::close(descriptor);
}

}  // namespace weft::run
