#pragma once

#include <sys/types.h>

#include <cstdio>
#include <string>

namespace weft::bench {

/// The original's way of running, in a process of its own: glibc's allocator as a Python process has it, while this
/// process and `weft` keep freed memory (cli/main.cpp).
class Partner {
 public:
  enum class Work {
    Frame,           ///< a synthesised frame
    Training,        ///< training steps on a clip
    ShakenTraining,  ///< the same from weights that are moved by a ten-millionth
  };
  /// What came of it: the time, and of training the mean of the generator's losses.
  struct Result {
    double seconds = 0;
    double loss = 0;
  };

  /// Starts this program again, as the partner.
  explicit Partner(Work work);
  ~Partner();
  Partner(const Partner&) = delete;
  Partner& operator=(const Partner&) = delete;

  /// Has it do its work once.
  Result next();

  /// What the partner does: its work for each line on stdin, seconds and loss on stdout.
  static int serve(const char* work);
  static constexpr const char* kFlag = "--as-partner";

 private:
  pid_t process_ = 0;
  FILE* to_ = nullptr;
  FILE* from_ = nullptr;
};

}  // namespace weft::bench
