#include "cli/waiting_threads.h"

#include <sys/auxv.h>
#include <unistd.h>

#include <cstring>
#include <vector>

namespace weft::cli {
namespace {

char kSpins[] = "GOMP_SPINCOUNT=2000";  // some microseconds; execve wants words that could change

bool says_how_to_wait(const char* variable) {
  for (const char* name : {"GOMP_SPINCOUNT=", "OMP_WAIT_POLICY="}) {
    if (std::strncmp(variable, name, std::strlen(name)) == 0) return true;
  }
  return false;
}

}  // namespace

void let_waiting_threads_sleep(char** words, char** environment) {
  std::vector<char*> variables;
  for (char** variable = environment; *variable; ++variable) {
    if (says_how_to_wait(*variable)) return;
    variables.push_back(*variable);
  }
  if (getauxval(AT_BASE) == 0)
    return;  // the system's loader was called with the program as argument: it is the process
  variables.push_back(kSpins);
  variables.push_back(nullptr);
  execve("/proc/self/exe", words, variables.data());  // where it fails, as without /proc, threads wait as they do
}

}  // namespace weft::cli
