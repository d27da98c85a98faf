#include "framework/run/folder_lock.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace weft::run {

/// The log is what is locked: each run folder has one, and network file systems lock only what is open for writing.
FolderLock::FolderLock(const std::string& folder)
    : descriptor_(::open((folder + "/log.jsonl").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666)) {
  if (descriptor_ < 0) {
    throw Error(Exit::Failed, text("the run folder ", folder, " cannot be written: log.jsonl: ", std::strerror(errno)))
        .hint(
            "--run-folder DIR puts a new run elsewhere; a copy of a checkpoint outside a run folder begins a new one");
  }
  // Where a file system knows no locks, there is none.
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;
  ::close(descriptor_);
  throw Error(Exit::Failed, text("the run folder ", folder, " is in use: another process is training in it"))
      .hint(
          "wait until it has ended, or stop it; a copy of one of its checkpoints outside the folder begins a new run");
}

FolderLock::~FolderLock() {
  ::close(descriptor_);
}

}  // namespace weft::run
