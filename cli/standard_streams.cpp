#include "cli/standard_streams.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>

namespace weft::cli {

void open_closed_descriptors() {
  // open() gives the lowest number that is free.
  if (::fcntl(STDIN_FILENO, F_GETFD) < 0) ::open("/dev/null", O_WRONLY);
  if (::fcntl(STDOUT_FILENO, F_GETFD) < 0) ::open("/dev/null", O_RDONLY);
  if (::fcntl(STDERR_FILENO, F_GETFD) < 0) ::open("/dev/null", O_WRONLY);
}

StandardOutput::StandardOutput() {
  setp(held_.data(), held_.data() + held_.size());
  std::cout.rdbuf(this);
}

int StandardOutput::sync() {
  const char* next = pbase();
  while (error_ == 0 && next < pptr()) {
    const ssize_t written = ::write(STDOUT_FILENO, next, static_cast<size_t>(pptr() - next));
    if (written < 0 && errno != EINTR) error_ = errno;
    if (written > 0) next += written;
  }
  setp(held_.data(), held_.data() + held_.size());
  return error_ == 0 ? 0 : -1;
}

StandardOutput::int_type StandardOutput::overflow(int_type next) {
  if (sync() != 0) return traits_type::eof();
  if (!traits_type::eq_int_type(next, traits_type::eof())) sputc(traits_type::to_char_type(next));
  return traits_type::not_eof(next);
}

void StandardOutput::finish() {
  std::cout.flush();
  if (error_ == 0) return;
  throw Error(Exit::Failed, text("standard output cannot be written: ", std::strerror(error_)));
}

}  // namespace weft::cli
