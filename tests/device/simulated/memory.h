#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <map>
#include <mutex>

namespace weft::simulated {

/// Memory that is seen at two addresses. Tensors hold the outer one, whose pages may be protected; what stands for the
/// hardware uses the inner one. So protection never has to be lifted for a kernel, whatever other threads do meanwhile.
class TwoViews {
 public:
  /// @param protection  of the outer view, as for mmap
  TwoViews(size_t bytes, int protection);
  TwoViews(const TwoViews&) = delete;
  TwoViews& operator=(const TwoViews&) = delete;

  /// Whole pages, filled with bytes that are no number.
  /// @returns the outer address
  void* allocate(size_t bytes);
  void release(void* outer);

  bool holds(const void* outer) const;
  void* inner(const void* outer) const;
  /// Changes the protection of the outer view, in whole pages.
  void protect(const void* outer, size_t bytes, int protection) const;
  void protect_all(int protection) const;

 private:
  const size_t bytes_;
  std::byte *outer_ = nullptr, *inner_ = nullptr;
  std::mutex mutex_;
  std::map<size_t, size_t> free_;  ///< offset to size
  std::map<size_t, size_t> used_;
};

/// The memory of the device, which the host may not touch.
TwoViews& device_memory();
/// Page-locked memory of the host.
TwoViews& locked_memory();

}  // namespace weft::simulated
