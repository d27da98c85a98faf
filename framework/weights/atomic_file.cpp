#include "framework/weights/atomic_file.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace weft::weights {
namespace {

/// Makes the renaming last through a power cut. Some file systems cannot; the file is whole either way.
void sync_folder(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

AtomicFile::AtomicFile(std::string path)
    : path_(std::move(path)),
      temporary_(text(path_, ".partial-", ::getpid())),
      descriptor_(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) {
  if (descriptor_ < 0) fail();
}

AtomicFile::~AtomicFile() {
  ::close(descriptor_);
  if (!is_committed_) ::unlink(temporary_.c_str());
}

void AtomicFile::write(const void* bytes, size_t count) {
  constexpr size_t kMost = size_t{1} << 30;  // one call of write() takes no more than 2 GiB
  const char* next = static_cast<const char*>(bytes);
  while (count > 0) {
    const ssize_t written = ::write(descriptor_, next, std::min(count, kMost));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail();
    next += written;
    count -= static_cast<size_t>(written);
  }
}

void AtomicFile::commit() {
  if (::fsync(descriptor_) != 0) fail();
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) fail();
  is_committed_ = true;
  sync_folder(path_);
}

void AtomicFile::fail() const {
  throw Error(Exit::Failed, Place{path_}, text("could not be written: ", std::strerror(errno)));
}

void write_atomically(const std::string& path, const std::string& content) {
  AtomicFile file(path);
  file.write(content.data(), content.size());
  file.commit();
}

}  // namespace weft::weights
