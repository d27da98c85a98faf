// What LibTorch asks a kind of device for besides kernels: memory, streams and events, random numbers.
#include "framework/base/text.h"
#include "tests/device/simulated/counts.h"
#include "tests/device/simulated/device.h"
#include "tests/device/simulated/faults.h"
#include "tests/device/simulated/generator.h"
#include "tests/device/simulated/kernels.h"
#include "tests/device/simulated/ledger.h"
#include "tests/device/simulated/memory.h"

#include <ATen/core/CachingHostAllocator.h>
#include <ATen/detail/PrivateUse1HooksInterface.h>
#include <c10/core/Allocator.h>
#include <c10/core/DeviceType.h>
#include <c10/core/Storage.h>
#include <c10/core/impl/DeviceGuardImplInterface.h>

#include <atomic>
#include <cstring>
#include <mutex>

namespace weft::simulated {
namespace {

class DeviceAllocator final : public c10::Allocator {
 public:
  c10::DataPtr allocate(size_t bytes) override {
    void* memory = device_memory().allocate(bytes);
    if (memory) ledger().add_block(memory, bytes, current_stream());
    return {memory, memory, release, device()};
  }
  c10::DeleterFnPtr raw_deleter() const override { return release; }
  void copy_data(void* to, const void* from, size_t bytes) const override {
    std::memcpy(device_memory().inner(to), device_memory().inner(from), bytes);
  }

 private:
  static void release(void* memory) {
    if (!memory) return;
    ledger().remove_block(memory);
    device_memory().release(memory);
  }
};

/// Page-locked memory of the host. Memory that a copy still uses may be given back: it is not used again before the copy
/// is over, as with CUDA's.
class LockedAllocator final : public at::HostAllocator {
 public:
  c10::DataPtr allocate(size_t bytes) override {
    auto* block = new Block{locked_memory().allocate(bytes), bytes};
    return {block->memory, block, release, at::kCPU};
  }
  c10::DeleterFnPtr raw_deleter() const override { return nullptr; }
  void copy_data(void* to, const void* from, size_t bytes) const override { std::memcpy(to, from, bytes); }
  bool record_event(void*, void*, c10::Stream) override { return true; }
  void empty_cache() override {}
  at::HostStats get_stats() override { return {}; }
  void reset_accumulated_stats() override {}
  void reset_peak_stats() override {}

 private:
  struct Block {
    void* memory;
    size_t bytes;
  };
  static void release(void* context) {
    const std::unique_ptr<Block> block(static_cast<Block*>(context));
    if (!block->memory) return;
    ledger().forget_copies(block->memory, block->bytes);
    locked_memory().release(block->memory);
  }
};

LockedAllocator& locked_allocator() {
  static auto& allocator = *new LockedAllocator();
  return allocator;
}

c10::Stream stream_of(int index) {
  return c10::Stream(c10::Stream::UNSAFE, device(), index);
}

int index_of(const c10::Stream& stream) {
  return static_cast<int>(stream.id());
}

/// One device, with streams that are numbers; an event is the clock of its stream when it was recorded.
class Guard final : public c10::impl::DeviceGuardImplInterface {
 public:
  c10::DeviceType type() const override { return at::kPrivateUse1; }
  at::Device exchangeDevice(at::Device) const override { return device(); }
  at::Device getDevice() const override { return device(); }
  void setDevice(at::Device) const override {}
  void uncheckedSetDevice(at::Device) const noexcept override {}
  at::DeviceIndex deviceCount() const noexcept override { return 1; }

  c10::Stream getStream(at::Device) const override { return stream_of(current_stream()); }
  c10::Stream getDefaultStream(at::Device) const override { return stream_of(0); }
  c10::Stream getStreamFromGlobalPool(at::Device, bool) const override {
    static std::atomic<int> taken = 0;
    return stream_of(1 + taken++ % (kStreams - 1));
  }
  c10::Stream getNewStream(at::Device place, int) const override { return getStreamFromGlobalPool(place, false); }
  c10::Stream exchangeStream(c10::Stream stream) const override {
    return stream_of(set_current_stream(index_of(stream)));
  }
  bool queryStream(const c10::Stream&) const override { return true; }
  void synchronizeStream(const c10::Stream& stream) const override {
    count(Work::Wait, "a stream");
    ledger().wait(ledger().clock_of(index_of(stream)));
  }
  void synchronizeDevice(at::DeviceIndex) const override {
    count(Work::Wait, "the device");
    for (int stream = 0; stream < kStreams; ++stream) ledger().wait(ledger().clock_of(stream));
  }

  void record(void** event, const c10::Stream& stream, at::DeviceIndex, c10::EventFlag) const override {
    if (!*event) *event = new Clock();
    *static_cast<Clock*>(*event) = ledger().clock_of(index_of(stream));
  }
  void block(void* event, const c10::Stream& stream) const override {
    if (event) ledger().let_wait(index_of(stream), *static_cast<Clock*>(event));
  }
  void synchronizeEvent(void* event) const override {
    if (!event) return;
    count(Work::Wait, "an event");
    ledger().wait(*static_cast<Clock*>(event));
  }
  /// As if the device had just become ready.
  bool queryEvent(void* event) const override {
    if (event) ledger().wait(*static_cast<Clock*>(event));
    return true;
  }
  void destroyEvent(void* event, at::DeviceIndex) const noexcept override { delete static_cast<Clock*>(event); }
  void recordDataPtrOnStream(const c10::DataPtr& memory, const c10::Stream& stream) const override {
    ledger().record(memory.get(), index_of(stream));
  }
};

struct Hooks final : at::PrivateUse1HooksInterface {
  bool isBuilt() const override { return true; }
  bool isAvailable() const override { return true; }
  bool hasPrimaryContext(at::DeviceIndex) const override { return true; }
  at::DeviceIndex deviceCount() const override { return 1; }
  at::DeviceIndex getCurrentDevice() const override { return 0; }
  void setCurrentDevice(at::DeviceIndex) const override {}
  at::DeviceIndex exchangeDevice(at::DeviceIndex) const override { return 0; }
  at::DeviceIndex maybeExchangeDevice(at::DeviceIndex) const override { return 0; }
  bool isPinnedPtr(const void* memory) const override { return locked_memory().holds(memory); }
  c10::Allocator* getPinnedMemoryAllocator() const override { return &locked_allocator(); }
  at::Device getDeviceFromPtr(void* memory) const override {
    return device_memory().holds(memory) ? device() : at::Device(at::kCPU);
  }
  const at::Generator& getDefaultGenerator(at::DeviceIndex) const override {
    static auto& generator = *new at::Generator(c10::make_intrusive<Generator>());
    return generator;
  }
  at::Generator getNewGenerator(at::DeviceIndex) const override {
    return at::Generator(c10::make_intrusive<Generator>());
  }
  void resizePrivateUse1Bytes(const c10::Storage& storage, size_t bytes) const override {
    resize_storage(*storage.unsafeGetStorageImpl(), bytes);
  }
};

}  // namespace

Generator::Generator(at::Generator of_host)
    : GeneratorImpl(simulated::device(), c10::DispatchKeySet(c10::DispatchKey::PrivateUse1)),
      of_host_(std::move(of_host)) {}

c10::Allocator& device_allocator() {
  static auto& allocator = *new DeviceAllocator();
  return allocator;
}

void resize_storage(c10::StorageImpl& storage, size_t bytes) {
  c10::DataPtr memory = device_allocator().allocate(bytes);
  const size_t kept = std::min(bytes, storage.nbytes());
  if (kept > 0) device_allocator().copy_data(memory.get(), storage.data(), kept);
  storage.set_data_ptr_noswap(std::move(memory));
  storage.set_nbytes(bytes);
}

void install() {
  static std::once_flag done;
  std::call_once(done, [] {
    watch_accesses();
    c10::register_privateuse1_backend("simulated");
    c10::SetAllocator(at::kPrivateUse1, &device_allocator());
    at::setHostAllocator(at::kPrivateUse1, &locked_allocator());
    at::RegisterPrivateUse1HooksInterface(new Hooks());
    c10::impl::registerDeviceGuard(at::kPrivateUse1, new Guard());
    register_kernels();
    register_autocast();
  });
}

}  // namespace weft::simulated
