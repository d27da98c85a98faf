#include "tests/device/simulated/counts.h"

#include "framework/base/text.h"
#include "tests/device/simulated/device.h"

#include <mutex>

namespace weft::simulated {
namespace {

std::mutex mutex;
Counts of_all;
thread_local Counts of_thread;
thread_local std::map<std::string, int64_t> names_of_thread;

int64_t& number_of(Counts& counts, Work work) {
  switch (work) {
    case Work::CopyToDevice:
      return counts.to_device;
    case Work::CopyToHost:
      return counts.to_host;
    case Work::CopyOnDevice:
      return counts.on_device;
    case Work::Kernel:
      return counts.kernels;
    case Work::Wait:
      break;
  }
  return counts.waits;
}

std::string entry(Work work, const std::string& name) {
  switch (work) {
    case Work::CopyToDevice:
      return "copy to the device";
    case Work::CopyToHost:
      return "copy to the host";
    case Work::CopyOnDevice:
      return "copy on the device";
    case Work::Kernel:
      return name;
    case Work::Wait:
      break;
  }
  return "wait for " + name;
}

}  // namespace

Counts Counts::operator-(const Counts& earlier) const {
  return {to_device - earlier.to_device, to_host - earlier.to_host, on_device - earlier.on_device,
          kernels - earlier.kernels, waits - earlier.waits};
}

std::string text_of(const Counts& counts) {
  return text(counts.to_device, " copies to the device, ", counts.to_host, " to the host, ", counts.on_device,
              " within the device, ", counts.kernels, " kernels, ", counts.waits, " waits");
}

Counts counts() {
  const std::lock_guard lock(mutex);
  return of_all;
}

Counts counts_of_this_thread() {
  return of_thread;
}

std::map<std::string, int64_t> work_of_this_thread() {
  return names_of_thread;
}

void count(Work work, const std::string& name) {
  ++number_of(of_thread, work);
  ++names_of_thread[entry(work, name)];
  const std::lock_guard lock(mutex);
  ++number_of(of_all, work);
}

}  // namespace weft::simulated
