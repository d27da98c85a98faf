#include "framework/data/output_file.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

namespace weft::data {
namespace {

/// An open file, closed at the end.
class File {
 public:
  File(const std::string& name, int flags) : number_(::open(name.c_str(), flags | O_CLOEXEC, 0666)) {}
  ~File() { close(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }
  /// @returns whether everything is in the file; some file systems say only now that they are full
  bool close() { return number_ < 0 || ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_;
};

bool write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

std::string system_text(int error) {
  return std::generic_category().message(error);
}

void write_file(const std::string& file, std::string_view bytes) {
  const std::string unfinished = file + ".part";
  File opened(unfinished, O_WRONLY | O_CREAT | O_TRUNC);
  if (!opened.is_open()) fail_to_write(file, system_text(errno));
  const bool is_whole =
      write_all(opened.number(), bytes) && opened.close() && std::rename(unfinished.c_str(), file.c_str()) == 0;
  if (is_whole) return;
  const int error = errno;
  ::unlink(unfinished.c_str());
  fail_to_write(file, system_text(error));
}

void make_folder(const std::string& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder.empty() ? "." : folder, error);
  if (!error) return;
  throw Error(Exit::Failed, text("cannot make the folder ", folder, ": ", error.message()));
}

void fail_to_write(const std::string& file, const std::string& reason) {
  throw Error(Exit::Failed, text("cannot write ", file, ": ", reason));
}

}  // namespace weft::data
