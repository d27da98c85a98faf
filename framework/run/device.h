#pragma once

#include "framework/node/value.h"
#include "framework/spec/node_spec.h"

#include <c10/core/Device.h>

#include <memory>
#include <string>

namespace c10 {
struct Event;
}

namespace weft::run {

/// How many GPUs the driver sees, asked without LibTorch: it would remember "none" for good.
int count_gpus();

/// Reads `cpu`, `cuda` or `cuda:1` and makes the device usable: libtorch_cuda is loaded when a driver with a GPU is
/// there. To be called before anything else asks LibTorch about CUDA, since the answer is remembered. A device that another
/// library has brought into LibTorch (as PrivateUse1) is known by the name that it has there.
/// @throws Error  (Exit::Usage) for another text; (Exit::Failed) when there is no such GPU
at::Device open_device(const std::string& text);

/// Where a node works in a run on this device.
at::Device place_of(const NodeSpec& spec, at::Device of_run);

/// A tensor on a device. From the CPU it goes through page-locked memory, so that the host does not wait for the copy.
at::Tensor sent_to(const at::Tensor& tensor, at::Device device);

/// A value on its way between the memory of the CPU and that of a GPU.
struct Moving {
  Value value;
  std::shared_ptr<c10::Event> arrived;  ///< nothing on a CPU
};

/// Moves values to the run's device and back beside the computation: on a GPU through page-locked memory and a
/// stream of its own. On a CPU nothing is copied. Each thread that reads or writes has one.
class Transfer {
 public:
  explicit Transfer(at::Device device);
  ~Transfer();

  /// In the thread that reads: begins to copy to the device.
  Moving to_device(const Value& value);
  /// In the thread that computes: makes the computation wait for the copy.
  Value receive(Moving moving) const;

  /// In the thread that computes: begins to copy to the CPU what was computed so far.
  Moving to_host(const Value& value);
  /// In the thread that writes: waits for the copy.
  static Value wait(Moving moving);

 private:
  struct Stream;
  at::Device device_;
  std::unique_ptr<Stream> stream_;
};

}  // namespace weft::run
