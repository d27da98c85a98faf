#include "framework/base/memory.h"

#include <sys/mman.h>
#include <sys/resource.h>

#include <cstddef>

namespace weft {

bool is_memory_short() {
  // Smaller pieces than this a library seldom asks for in one go when it fails.
  constexpr size_t kPiece = size_t{64} << 20;
  void* const piece =
      ::mmap(nullptr, kPiece, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (piece == MAP_FAILED) return true;
  ::munmap(piece, kPiece);
  return false;
}

bool is_memory_limited() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY;
}

}  // namespace weft
