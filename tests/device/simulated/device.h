#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace weft::simulated {

/// A GPU that is none: LibTorch's device PrivateUse1 under the name `simulated`, so that what a GPU forbids is found on any
/// machine.
///
/// * Its memory is its own. The host may not touch it: an access is a fault, and is told.
/// * Its kernels are those of the CPU. They compute at once, and give the CPU's numbers.
/// * Streams are ordered by events and waits alone. Which work was declared to come before which is written down (Ledger), and
///   work that uses memory without such an order is a fault, as is page-locked memory that the host touches while a copy from
///   or to it is under way, and memory that is freed while another stream may use it.
/// * Tensors of different devices in one operation are an error, with CUDA's exceptions: numbers [] of the CPU in elementwise
///   operations, and indices.
/// * Copies, kernels and waits are counted.
///
/// It is a library of the tests alone; programs that do not load it do not have the device.

/// Makes the device known to LibTorch; once is enough.
void install();

inline at::Device device() {
  return {at::kPrivateUse1, 0};
}

/// What was done since the device was installed.
struct Counts {
  int64_t to_device = 0;  ///< copies from the host
  int64_t to_host = 0;
  int64_t on_device = 0;  ///< copies within the device
  int64_t kernels = 0;    ///< operations that computed something, without copies and views
  int64_t waits = 0;      ///< times that the host waited for the device

  Counts operator-(const Counts& earlier) const;
  bool operator==(const Counts&) const = default;
};

/// "3 to the device, 1 to the host, …", for messages.
std::string text_of(const Counts& counts);

/// Of all threads.
Counts counts();
/// Of the thread that asks.
Counts counts_of_this_thread();

/// How often the thread that asks did what: "add.out" to 12, "copy to the device" to 1, "wait for _local_scalar_dense" to 1.
std::map<std::string, int64_t> work_of_this_thread();

/// What was done since the last call that a GPU does not allow, or that would give there what chance gives.
std::vector<std::string> take_faults();

}  // namespace weft::simulated
