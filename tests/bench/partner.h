#pragma once

#include <sys/types.h>

#include <cstdio>
#include <string>

namespace weft::bench {

/// The original's way of running, in a process of its own: glibc's allocator as a Python process has it, while this
/// process and `weft` keep freed memory (cli/main.cpp).
class Partner {
 public:
  /// Starts this program again, as the partner.
  Partner();
  ~Partner();
  Partner(const Partner&) = delete;
  Partner& operator=(const Partner&) = delete;

  /// Has it compute a frame. @returns seconds
  double next();

  /// What the partner does: a frame for each line on stdin, its seconds on stdout.
  static int serve();
  static constexpr const char* kFlag = "--as-partner";

 private:
  pid_t process_ = 0;
  FILE* to_ = nullptr;
  FILE* from_ = nullptr;
};

}  // namespace weft::bench
