#pragma once

#include <cstddef>

namespace c10 {
struct Allocator;
struct StorageImpl;
}  // namespace c10

namespace weft::simulated {

c10::Allocator& device_allocator();

/// Gives a storage of the device other memory, with as much of what it held as fits.
void resize_storage(c10::StorageImpl& storage, size_t bytes);

/// Tells LibTorch how operations on the device are computed.
void register_kernels();

/// Tells LibTorch which operations autocast computes in the lower precision on the device.
void register_autocast();

}  // namespace weft::simulated
