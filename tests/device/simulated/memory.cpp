#include "tests/device/simulated/memory.h"

#include <c10/util/Exception.h>
#include <unistd.h>

#include <cstring>
#include <iterator>

namespace weft::simulated {
namespace {

// Addresses only: pages take memory when they are first used.
constexpr size_t kDeviceBytes = size_t{16} << 30;
constexpr size_t kLockedBytes = size_t{4} << 30;
constexpr size_t kPage = 4096;
constexpr int kNoNumber = 0xFF;  // of each byte: NaN in all kinds of fractions

size_t whole_pages(size_t bytes) {
  return (bytes + kPage - 1) / kPage * kPage;
}

}  // namespace

TwoViews::TwoViews(size_t bytes, int protection) : bytes_(bytes) {
  const int file = memfd_create("weft simulated device", MFD_CLOEXEC);
  TORCH_CHECK(file >= 0 && ftruncate(file, static_cast<off_t>(bytes)) == 0, "the simulated device has no memory");
  void* outer = mmap(nullptr, bytes, protection, MAP_SHARED | MAP_NORESERVE, file, 0);
  void* inner = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, file, 0);
  close(file);
  TORCH_CHECK(outer != MAP_FAILED && inner != MAP_FAILED, "the simulated device has no addresses");
  outer_ = static_cast<std::byte*>(outer);
  inner_ = static_cast<std::byte*>(inner);
  free_[0] = bytes;
}

void* TwoViews::allocate(size_t bytes) {
  if (bytes == 0) return nullptr;
  const size_t wanted = whole_pages(bytes);
  std::unique_lock lock(mutex_);
  for (auto place = free_.begin(); place != free_.end(); ++place) {
    const auto [offset, size] = *place;
    if (size < wanted) continue;
    free_.erase(place);
    if (size > wanted) free_[offset + wanted] = size - wanted;
    used_[offset] = wanted;
    lock.unlock();
    std::memset(inner_ + offset, kNoNumber, bytes);
    return outer_ + offset;
  }
  C10_THROW_ERROR(OutOfMemoryError, "the simulated device is out of memory");
}

void TwoViews::release(void* outer) {
  if (!outer) return;
  const auto offset = static_cast<size_t>(static_cast<std::byte*>(outer) - outer_);
  const std::lock_guard lock(mutex_);
  const auto used = used_.find(offset);
  TORCH_INTERNAL_ASSERT(used != used_.end());
  auto place = free_.emplace(offset, used->second).first;
  used_.erase(used);
  const auto next = std::next(place);
  if (next != free_.end() && place->first + place->second == next->first) {
    place->second += next->second;
    free_.erase(next);
  }
  if (place == free_.begin()) return;
  const auto before = std::prev(place);
  if (before->first + before->second != place->first) return;
  before->second += place->second;
  free_.erase(place);
}

bool TwoViews::holds(const void* outer) const {
  const auto* at = static_cast<const std::byte*>(outer);
  return at >= outer_ && at < outer_ + bytes_;
}

void* TwoViews::inner(const void* outer) const {
  return outer ? inner_ + (static_cast<const std::byte*>(outer) - outer_) : nullptr;
}

void TwoViews::protect(const void* outer, size_t bytes, int protection) const {
  const auto offset = static_cast<size_t>(static_cast<const std::byte*>(outer) - outer_) / kPage * kPage;
  const auto end = static_cast<size_t>(static_cast<const std::byte*>(outer) - outer_) + bytes;
  mprotect(outer_ + offset, whole_pages(end - offset), protection);
}

void TwoViews::protect_all(int protection) const {
  mprotect(outer_, bytes_, protection);
}

// Never destroyed: tensors in static variables may outlive everything.
TwoViews& device_memory() {
  static auto& memory = *new TwoViews(kDeviceBytes, PROT_NONE);
  return memory;
}

TwoViews& locked_memory() {
  static auto& memory = *new TwoViews(kLockedBytes, PROT_READ | PROT_WRITE);
  return memory;
}

}  // namespace weft::simulated
