#include "framework/run/device.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <ATen/ops/empty_like.h>
#include <c10/core/DeviceType.h>
#include <c10/core/Event.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <dlfcn.h>

#include <filesystem>
#include <optional>

namespace weft::run {
namespace {

void load_libtorch_cuda() {
  Dl_info info{};
  const auto& known = c10::demangle;  // a symbol that lies in LibTorch's folder
  if (dladdr(reinterpret_cast<const void*>(&known), &info) == 0) return;
  const auto folder = std::filesystem::path(info.dli_fname).parent_path();
  if (dlopen((folder / "libtorch_cuda.so").c_str(), RTLD_NOW | RTLD_GLOBAL)) return;
  throw Error(Exit::Failed, text("--device cuda: libtorch_cuda cannot be loaded: ", dlerror()))
      .hint("LibTorch's CUDA libraries come with the Python package torch; weft doctor shows which LibTorch is used");
}

std::optional<int> index_of(const std::string& text) {
  if (text == "cuda") return 0;
  if (!text.starts_with("cuda:") || text.size() < 6 || text.size() > 7) return {};
  int index = 0;
  for (const char c : text.substr(5)) {
    if (c < '0' || c > '9') return {};
    index = index * 10 + (c - '0');
  }
  return index;
}

}  // namespace

int count_gpus() {
  void* driver = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!driver) return 0;
  using Init = int (*)(unsigned);
  using Count = int (*)(int*);
  const auto init = reinterpret_cast<Init>(dlsym(driver, "cuInit"));
  const auto count_devices = reinterpret_cast<Count>(dlsym(driver, "cuDeviceGetCount"));
  int count = 0;
  if (!init || !count_devices || init(0) != 0 || count_devices(&count) != 0) return 0;
  return count;
}

at::Device open_device(const std::string& name) {
  if (name == "cpu") return at::kCPU;
  if (c10::is_privateuse1_backend_registered() && name == c10::get_privateuse1_backend()) return {at::kPrivateUse1, 0};
  const auto index = index_of(name);
  if (!index) throw Error(Exit::Usage, text("--device ", name, ": there are cpu, cuda and cuda:N"));
  const int count = count_gpus();
  if (count == 0) {
    throw Error(Exit::Failed, text("--device ", name, ": this machine has no GPU that CUDA can use"))
        .hint("leave --device out to compute on the CPU; `nvidia-smi` shows whether the driver sees a GPU");
  }
  if (*index >= count) {
    throw Error(Exit::Failed,
                text("--device ", name, ": this machine has ", count_text(count, "GPU"), ", counted from cuda:0"));
  }
  load_libtorch_cuda();
  return {at::kCUDA, static_cast<at::DeviceIndex>(*index)};
}

at::Device place_of(const NodeSpec& spec, at::Device of_run) {
  return spec.on_host ? at::Device(at::kCPU) : of_run;
}

at::Tensor sent_to(const at::Tensor& tensor, at::Device device) {
  if (device.is_cpu() || !tensor.is_cpu()) return tensor.to(device);
  const at::Tensor locked = at::empty_like(tensor, tensor.options().pinned_memory(true));
  locked.copy_(tensor);
  return locked.to(device, /*non_blocking=*/true);
}

struct Transfer::Stream {
  explicit Stream(at::Device device)
      : guard(device.type()), stream(guard.getStreamFromGlobalPool(device, /*isHighPriority=*/false)) {}

  c10::impl::VirtualGuardImpl guard;
  c10::Stream stream;
};

Transfer::Transfer(at::Device device) : device_(device) {
  if (!device.is_cpu()) stream_ = std::make_unique<Stream>(device);
}

Transfer::~Transfer() = default;

Moving Transfer::to_device(const Value& value) {
  if (!stream_) return {value, nullptr};
  const c10::StreamGuard on_own_stream(stream_->stream);
  Moving moving;
  moving.value = value.map([&](const at::Tensor& tensor) { return sent_to(tensor, device_); });
  moving.arrived = std::make_shared<c10::Event>(device_.type());
  moving.arrived->record(stream_->stream);
  return moving;
}

Value Transfer::receive(Moving moving) const {
  if (!moving.arrived) return std::move(moving.value);
  const c10::Stream computing = stream_->guard.getStream(device_);
  moving.arrived->block(computing);
  moving.value.visit([&](const std::string&, const at::Tensor& tensor) {
    tensor.record_stream(computing);  // its memory is the copy stream's; the computation uses it too
  });
  return std::move(moving.value);
}

Moving Transfer::to_host(const Value& value) {
  if (!stream_) return {value, nullptr};
  c10::Event computed(device_.type());
  computed.record(stream_->guard.getStream(device_));
  computed.block(stream_->stream);
  const c10::StreamGuard on_own_stream(stream_->stream);
  Moving moving;
  moving.value = value.map([&](const at::Tensor& tensor) {
    if (tensor.is_cpu()) return tensor;
    at::Tensor locked = at::empty_like(tensor, tensor.options().device(at::kCPU).pinned_memory(true));
    locked.copy_(tensor, /*non_blocking=*/true);
    tensor.record_stream(stream_->stream);
    return locked;
  });
  moving.arrived = std::make_shared<c10::Event>(device_.type());
  moving.arrived->record(stream_->stream);
  return moving;
}

Value Transfer::wait(Moving moving) {
  if (moving.arrived) moving.arrived->synchronize();
  return std::move(moving.value);
}

}  // namespace weft::run
