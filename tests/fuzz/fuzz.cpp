#include "tests/fuzz/fuzz.h"

#include "framework/base/error.h"
#include "framework/base/log.h"
#include "framework/base/text.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

namespace weft::fuzz {
namespace {

constexpr size_t kLongestMessage = 100'000;  // many times an input of libFuzzer's usual 4 kB

bool is_control(char c) {
  const auto code = static_cast<unsigned char>(c);
  return (code < 0x20 && c != '\n') || code == 0x7f;
}

}  // namespace

void fail(const std::string& what) {
  std::cerr << "finding: " << what << '\n';
  std::abort();
}

const std::string& file_of(std::string_view input) {
  static const int file = ::memfd_create("input", MFD_CLOEXEC);
  static const std::string path = text("/proc/self/fd/", file);
  const bool is_written = file >= 0 && ::ftruncate(file, 0) == 0 &&
                          ::pwrite(file, input.data(), input.size(), 0) == static_cast<ssize_t>(input.size());
  if (!is_written) fail("no file in memory can be made");
  return path;
}

void check_message(const std::string& message) {
  if (message.size() > kLongestMessage) fail(text("a message has ", message.size(), " bytes"));
  const std::string shown = Log::shown(message);
  if (std::any_of(shown.begin(), shown.end(), is_control)) fail(text("a message has control characters: ", message));
}

void attempt(const std::function<void()>& read) {
  try {
    read();
  } catch (const Error& error) {
    check_message(error.what());
  }
}

}  // namespace weft::fuzz

int LLVMFuzzerTestOneInput(const unsigned char* bytes, size_t count) {
  const std::string_view input(reinterpret_cast<const char*>(bytes), count);
  weft::fuzz::attempt([&] { weft::fuzz::read_input(input); });
  return 0;
}
