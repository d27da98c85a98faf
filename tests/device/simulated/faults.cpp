#include "tests/device/simulated/faults.h"

#include "framework/base/text.h"
#include "tests/device/simulated/device.h"
#include "tests/device/simulated/memory.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <mutex>

namespace weft::simulated {
namespace {

constexpr size_t kFrames = 40;    // of a stack
constexpr size_t kAccesses = 64;  // that are kept; further ones are let through
constexpr size_t kNamed = 4;      // frames in a message

/// An access as a signal handler can note it.
struct Access {
  bool is_locked_memory = false;
  int frames = 0;
  std::array<void*, kFrames> stack = {};
};

std::mutex mutex;
std::vector<std::string>& noted() {
  static auto& all = *new std::vector<std::string>();
  return all;
}

std::array<Access, kAccesses> accesses;
std::atomic<size_t> access_count = 0;
std::atomic<bool> is_open = false;
struct sigaction earlier = {};

void note_access(int signal, siginfo_t* info, void* context) {
  const void* address = info->si_addr;
  const bool is_of_device = device_memory().holds(address), is_locked = locked_memory().holds(address);
  if (!is_of_device && !is_locked) {
    if ((earlier.sa_flags & SA_SIGINFO) != 0 && earlier.sa_sigaction)
      return earlier.sa_sigaction(signal, info, context);
    std::signal(SIGSEGV, SIG_DFL);  // it comes again, and ends the process
    return;
  }
  const size_t place = access_count.fetch_add(1);
  if (place < kAccesses) {
    accesses[place].is_locked_memory = is_locked;
    accesses[place].frames = backtrace(accesses[place].stack.data(), kFrames);
  }
  if (is_of_device) {
    device_memory().protect_all(PROT_READ | PROT_WRITE);
    is_open = true;
  } else {
    locked_memory().protect(address, 1, PROT_READ | PROT_WRITE);
  }
}

std::string demangled(const char* name) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> plain(abi::__cxa_demangle(name, nullptr, nullptr, &status), std::free);
  const std::string whole = plain ? plain.get() : name;
  return whole.substr(0, whole.find('('));
}

/// "weft_face.so at 0x1a2b": the innermost frames that belong to weft.
std::string frames_of(const Access& access) {
  std::vector<std::string> named;
  for (int i = 0; i < access.frames && named.size() < kNamed; ++i) {
    Dl_info found = {};
    void* address = access.stack[static_cast<size_t>(i)];
    if (dladdr(address, &found) == 0 || !found.dli_fname) continue;
    std::string library = found.dli_fname;
    library = library.substr(library.rfind('/') + 1);
    const bool is_ours = library.find("weft") != std::string::npos || library.starts_with("test_");
    if (!is_ours || library.find("simulated") != std::string::npos) continue;
    const auto offset = static_cast<const char*>(address) - static_cast<const char*>(found.dli_fbase);
    named.push_back(found.dli_sname ? demangled(found.dli_sname) : text(library, '+', offset));
  }
  return join(named, " < ");
}

}  // namespace

void add_fault(std::string fault) {
  const std::lock_guard lock(mutex);
  noted().push_back(std::move(fault));
}

void watch_accesses() {
  std::array<void*, 1> unused = {};
  backtrace(unused.data(), 1);  // loads what it needs, which a handler may not
  device_memory();
  locked_memory();
  struct sigaction action = {};
  action.sa_sigaction = note_access;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  sigaction(SIGSEGV, &action, &earlier);
}

void protect_again() {
  if (is_open.exchange(false)) device_memory().protect_all(PROT_NONE);
}

std::vector<std::string> take_faults() {
  protect_again();
  const std::lock_guard lock(mutex);
  std::vector<std::string> faults = std::move(noted());
  noted().clear();
  const size_t count = std::min(access_count.load(), kAccesses);
  for (size_t i = 0; i < count; ++i) {
    const std::string what = accesses[i].is_locked_memory
                                 ? "the host touches page-locked memory while a copy from or to it is under way"
                                 : "the host touches memory of the device";
    const std::string fault = text(what, ", in ", frames_of(accesses[i]));
    if (std::find(faults.begin(), faults.end(), fault) == faults.end()) faults.push_back(fault);
  }
  access_count = 0;
  return faults;
}

}  // namespace weft::simulated
