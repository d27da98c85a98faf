// A library that makes one request of a program fail when it is preloaded: the k-th for memory, or the k-th that changes a
// file. So a test can see what becomes of it at each of them.
//
// WEFT_FAULT is "memory:K" or "write:K"; K and all behind it fail with "memory:K+". K counts from the beginning of main(),
// where the program calls mallopt(), without what the system does while it loads a library: constructors of libraries, such
// as GLib's behind libav, end the process themselves. How many requests there were is written to the file WEFT_FAULT_COUNTS
// when the program ends.
#include <dlfcn.h>
#include <fcntl.h>
#include <malloc.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

extern "C" {
// What the C library calls its own functions behind those that are replaced here.
void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* memory, size_t size);
void* __libc_memalign(size_t alignment, size_t size);
}

namespace {

struct Kind {
  std::atomic<uint64_t> count{0};
  uint64_t first = 0, last = 0;  ///< that fail
  bool fails_now() {
    const uint64_t number = ++count;
    return number >= first && number <= last;
  }
};

Kind memory, writes;
std::atomic<bool> has_begun{false};
[[gnu::tls_model("initial-exec")]] thread_local bool is_loading = false;

bool memory_fails() {
  if (!has_begun || is_loading || !memory.fails_now()) return false;
  errno = ENOMEM;
  return true;
}

/// Only files count: what is said to a person goes through pipes and terminals.
bool write_fails(int descriptor) {
  struct stat status {};
  if (!has_begun || (descriptor >= 0 && (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)))) return false;
  if (!writes.fails_now()) return false;
  errno = ENOSPC;
  return true;
}

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

void begin() {
  const char* fault = std::getenv("WEFT_FAULT");
  const char* colon = fault ? std::strchr(fault, ':') : nullptr;
  if (colon) {
    Kind& kind = std::strncmp(fault, "memory", 6) == 0 ? memory : writes;
    kind.first = std::strtoull(colon + 1, nullptr, 10);
    kind.last = std::strchr(colon, '+') ? UINT64_MAX : kind.first;
  }
  has_begun = true;
}

void write_counts() {
  has_begun = false;
  const char* file = std::getenv("WEFT_FAULT_COUNTS");
  if (!file) return;
  char line[80];
  const int length = std::snprintf(line, sizeof line, "%llu %llu\n", static_cast<unsigned long long>(memory.count),
                                   static_cast<unsigned long long>(writes.count));
  const int descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (write(descriptor, line, static_cast<size_t>(length)) != length) std::abort();
}

}  // namespace

extern "C" {

int mallopt(int parameter, int value) {
  static auto* const real = next<int(int, int)>("mallopt");
  const int result = real(parameter, value);
  if (!has_begun) begin();
  return result;
}

void* dlopen(const char* file, int mode) {
  static auto* const real = next<void*(const char*, int)>("dlopen");
  is_loading = true;
  void* const library = real(file, mode);
  is_loading = false;
  return library;
}

void _Exit(int code) {
  write_counts();
  _exit(code);
}

void* malloc(size_t size) {
  return memory_fails() ? nullptr : __libc_malloc(size);
}

void* calloc(size_t count, size_t size) {
  return memory_fails() ? nullptr : __libc_calloc(count, size);
}

void* realloc(void* old, size_t size) {
  return memory_fails() ? nullptr : __libc_realloc(old, size);
}

void* memalign(size_t alignment, size_t size) {
  return memory_fails() ? nullptr : __libc_memalign(alignment, size);
}

void* aligned_alloc(size_t alignment, size_t size) {
  return memalign(alignment, size);
}

int posix_memalign(void** result, size_t alignment, size_t size) {
  void* const memory = memalign(alignment, size);
  if (!memory) return ENOMEM;
  *result = memory;
  return 0;
}

ssize_t write(int descriptor, const void* bytes, size_t count) {
  static auto* const real = next<ssize_t(int, const void*, size_t)>("write");
  return write_fails(descriptor) ? -1 : real(descriptor, bytes, count);
}

ssize_t writev(int descriptor, const struct iovec* parts, int count) {
  static auto* const real = next<ssize_t(int, const struct iovec*, int)>("writev");
  return write_fails(descriptor) ? -1 : real(descriptor, parts, count);
}

ssize_t pwrite(int descriptor, const void* bytes, size_t count, off_t offset) {
  static auto* const real = next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  return write_fails(descriptor) ? -1 : real(descriptor, bytes, count, offset);
}

int fsync(int descriptor) {
  static auto* const real = next<int(int)>("fsync");
  return write_fails(descriptor) ? -1 : real(descriptor);
}

int rename(const char* from, const char* to) {
  static auto* const real = next<int(const char*, const char*)>("rename");
  return write_fails(-1) ? -1 : real(from, to);
}
}
