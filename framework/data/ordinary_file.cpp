#include "framework/data/ordinary_file.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace weft::data {
namespace {

Error cannot_read(const std::string& file, const std::string& reason) {
  return Error(Exit::Data, text("cannot read ", file, ": ", reason));
}

std::string system_text(int error) {
  return std::generic_category().message(error);
}

const char* describe(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISFIFO(mode)) return "a pipe";
  return S_ISSOCK(mode) ? "a socket" : "a device";
}

}  // namespace

OrdinaryFile::OrdinaryFile(std::string file) : file_(std::move(file)), descriptor_(-1) {
  check_path(file_);
  // Without O_NONBLOCK a pipe would wait here for its writer.
  descriptor_ = ::open(file_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  const int reason = errno;
  struct stat status {};
  const bool is_known = (descriptor_ < 0 ? ::stat(file_.c_str(), &status) : ::fstat(descriptor_, &status)) == 0;
  const bool is_ordinary = is_known && S_ISREG(status.st_mode);
  size_ = status.st_size;
  if (descriptor_ >= 0 && is_ordinary) return;
  if (descriptor_ >= 0) ::close(descriptor_);
  throw cannot_read(file_, is_known && !is_ordinary ? text("it is ", describe(status.st_mode), ", not an ordinary file")
                                                    : system_text(reason));
}

OrdinaryFile::~OrdinaryFile() {
  ::close(descriptor_);
}

std::string OrdinaryFile::read(size_t most) {
  std::string bytes(std::min(static_cast<size_t>(size_), most), '\0');
  size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = ::read(descriptor_, bytes.data() + filled, bytes.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw cannot_read(file_, system_text(errno));
    if (got == 0) break;
    filled += static_cast<size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

std::string read_small_file(const std::string& file, int64_t most) {
  OrdinaryFile opened(file);
  if (opened.size() <= most) return opened.read();
  throw Error(Exit::Data, text(file, " has ", bytes_text(opened.size()), ", which is too large for what it should be"))
      .hint(text("such files have at most ", bytes_text(most)));
}

std::string read_small_text(const std::string& file, int64_t most) {
  std::string bytes = read_small_file(file, most);
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.erase(0, 3);
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    throw Error(Exit::Data, text(file, " is text in UTF-16")).hint("save it as UTF-8 or plain text");
  }
  return bytes;
}

void check_path(const std::string& path) {
  const size_t end = path.find('\0');
  if (end == std::string::npos) return;
  throw Error(Exit::Data, text("a path has a NUL in it, behind \"", path.substr(0, end), '"'));
}

}  // namespace weft::data
