#include "tests/bench/partner.h"

#include "tests/bench/generator.h"
#include "tests/bench/pairs.h"

#include <c10/core/InferenceMode.h>
#include <sys/wait.h>
#include <unistd.h>

#include <iostream>
#include <stdexcept>

namespace weft::bench {

Partner::Partner() {
  int down[2], up[2];
  if (pipe(down) != 0 || pipe(up) != 0 || (process_ = fork()) < 0) throw std::runtime_error("no second process");
  if (process_ == 0) {
    dup2(down[0], STDIN_FILENO);
    dup2(up[1], STDOUT_FILENO);
    for (const int end : {down[0], down[1], up[0], up[1]}) close(end);
    execl("/proc/self/exe", "bench", kFlag, nullptr);
    _exit(127);
  }
  close(down[0]);
  close(up[1]);
  to_ = fdopen(down[1], "w");
  from_ = fdopen(up[0], "r");
}

Partner::~Partner() {
  fclose(to_);  // the partner ends where its input does
  fclose(from_);
  waitpid(process_, nullptr, 0);
}

double Partner::next() {
  double seconds = 0;
  if (fputs("frame\n", to_) < 0 || fflush(to_) != 0 || fscanf(from_, "%lf", &seconds) != 1) {
    throw std::runtime_error("the second process has ended");
  }
  return seconds;
}

int Partner::serve() {
  const c10::InferenceMode inference;
  BareRollout original({original_parameters(), BareGenerator::Style::AsOriginal, {}});
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << seconds_of([&] { original.next(); }) << std::endl;
  }
  return 0;
}

}  // namespace weft::bench
