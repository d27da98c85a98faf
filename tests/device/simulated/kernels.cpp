#include "tests/device/simulated/kernels.h"

#include "framework/base/text.h"
#include "tests/device/simulated/counts.h"
#include "tests/device/simulated/device.h"
#include "tests/device/simulated/faults.h"
#include "tests/device/simulated/generator.h"
#include "tests/device/simulated/host_view.h"
#include "tests/device/simulated/ledger.h"
#include "tests/device/simulated/memory.h"

#include <ATen/EmptyTensor.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <torch/library.h>

#include <memory>
#include <set>

namespace weft::simulated {
namespace {

using c10::IValue;
using Stack = torch::jit::Stack;

// Names of operations for which CUDA takes tensors of the CPU of any size beside those of the device, as indices.
const std::set<std::string> kTakeIndices = {"aten::index", "aten::_index_put_impl_", "aten::index_put",
                                            "aten::index_put_"};
// Those that take a number [] of the CPU and do not bear the tag of elementwise operations.
const std::set<std::string> kTakeNumbers = {"aten::fill_",         "aten::masked_fill",   "aten::masked_fill_",
                                            "aten::index_fill_",   "aten::index_fill",    "aten::_foreach_mul",
                                            "aten::_foreach_mul_", "aten::_foreach_add_", "aten::_foreach_div_"};
// Those that change where a tensor lies.
const std::set<std::string> kComputeNothing = {"aten::resize_", "aten::set_"};

bool is_of_device(const at::Tensor& tensor) {
  return tensor.defined() && tensor.is_privateuseone();
}

const void* memory_of(const at::Tensor& tensor) {
  return tensor.storage().data();
}

std::string sizes_text(const at::Tensor& tensor) {
  std::vector<std::string> sizes;
  for (const int64_t size : tensor.sizes()) sizes.push_back(text(size));
  return '[' + join(sizes) + ']';
}

/// One operation of LibTorch on tensors of the device, computed by the kernel of the CPU.
class Call {
 public:
  explicit Call(const c10::OperatorHandle& op) : op_(op), name_(op.schema().name()) {}

  void run(Stack& stack);

 private:
  void take(const c10::Argument& argument, IValue& value);
  at::Tensor take(const c10::Argument& argument, const at::Tensor& tensor, bool is_written);
  void compare_devices() const;
  void give_back(IValue& value);
  std::string short_name() const;
  bool is_view() const;
  bool wants_numbers_of_the_host() const;
  void note() const;

  const c10::OperatorHandle& op_;
  std::string name_;
  HostView view_;
  std::vector<at::Tensor> written_;
  std::vector<const void*> reads_, writes_;
  std::vector<std::pair<const c10::Argument*, at::Tensor>> of_host_, written_of_host_;
  bool has_mask_ = false;  // among the indices
};

at::Tensor Call::take(const c10::Argument& argument, const at::Tensor& tensor, bool is_written) {
  if (!tensor.defined()) return tensor;
  if (argument.name() == "indices" && (tensor.scalar_type() == at::kBool || tensor.scalar_type() == at::kByte))
    has_mask_ = true;
  if (!is_of_device(tensor)) {
    (is_written ? written_of_host_ : of_host_).emplace_back(&argument, tensor);
    return tensor;
  }
  (is_written ? writes_ : reads_).push_back(memory_of(tensor));
  if (is_written) written_.push_back(tensor);
  return view_.of(tensor);
}

void Call::take(const c10::Argument& argument, IValue& value) {
  const bool is_written = argument.alias_info() != nullptr && argument.alias_info()->isWrite();
  if (value.isTensor()) {
    value = take(argument, value.toTensor(), is_written);
  } else if (value.isTensorList()) {
    c10::List<at::Tensor> taken;
    for (const at::Tensor& one : value.toTensorVector()) taken.push_back(take(argument, one, is_written));
    value = taken;
  } else if (value.isOptionalTensorList()) {
    c10::List<std::optional<at::Tensor>> taken;
    for (const std::optional<at::Tensor>& one : value.toOptionalTensorVector())
      taken.push_back(one ? std::optional(take(argument, *one, is_written)) : std::nullopt);
    value = taken;
  } else if (value.isDevice()) {
    if (value.toDevice().is_privateuseone()) value = at::Device(at::kCPU);
  } else if (value.isGenerator()) {
    const at::Generator generator = value.toGenerator();
    if (generator.device().is_privateuseone()) value = generator.get<Generator>()->of_host();
  } else if (value.isStorage()) {
    value = view_.of(value.toStorage());
  }
}

/// "add.out" of aten::add.
std::string Call::short_name() const {
  const std::string own = name_.starts_with("aten::") ? name_.substr(6) : name_;
  const std::string& overload = op_.schema().overload_name();
  return overload.empty() ? own : text(own, '.', overload);
}

/// Of tensors of the CPU beside those of the device: numbers [] are good in elementwise operations, indices in indexing.
void Call::compare_devices() const {
  const auto refuse = [&](const c10::Argument& argument, const at::Tensor& tensor) {
    TORCH_CHECK(false, "Expected all tensors to be on the same device, but ", short_name(), " has `", argument.name(),
                "` ", sizes_text(tensor), " on cpu beside tensors on ", device().str());
  };
  const bool takes_numbers = op_.hasTag(at::Tag::pointwise) || kTakeNumbers.contains(name_);
  for (const auto& [argument, tensor] : of_host_) {
    const bool is_good = (tensor.dim() == 0 && takes_numbers) || kTakeIndices.contains(name_);
    if (!is_good) refuse(*argument, tensor);
  }
  if (!written_of_host_.empty()) refuse(*written_of_host_.front().first, written_of_host_.front().second);
}

bool Call::is_view() const {
  if (!writes_.empty() || op_.schema().returns().empty()) return false;
  for (const c10::Argument& result : op_.schema().returns()) {
    if (result.alias_info() == nullptr || result.alias_info()->isWrite()) return false;
  }
  return true;
}

/// Whether the host cannot go on before it knows numbers: how many items there are, or a single one.
bool Call::wants_numbers_of_the_host() const {
  if (op_.hasTag(at::Tag::data_dependent_output)) return true;
  if (name_ == "aten::_index_put_impl_") return has_mask_;
  return op_.hasTag(at::Tag::dynamic_output_shape) && !kTakeIndices.contains(name_);
}

void Call::note() const {
  const std::string name = short_name();
  if (is_view()) return;
  std::vector<const void*> writes = writes_;
  writes.insert(writes.end(), view_.made().begin(), view_.made().end());
  if (kComputeNothing.contains(name_) && view_.made().empty()) return;
  const int stream = current_stream();
  if (name_ == "aten::_local_scalar_dense")
    count(Work::CopyToHost, name);
  else if (!kComputeNothing.contains(name_))
    count(Work::Kernel, name);
  ledger().add_work(stream, name, reads_, writes);
  if (!wants_numbers_of_the_host()) return;
  count(Work::Wait, name);
  ledger().wait(ledger().clock_of(stream));
}

void Call::give_back(IValue& value) {
  if (value.isTensor()) {
    value = view_.back(value.toTensor());
  } else if (value.isTensorList()) {
    c10::List<at::Tensor> made;
    for (const at::Tensor& one : value.toTensorVector()) made.push_back(view_.back(one));
    value = made;
  }
}

void Call::run(Stack& stack) {
  protect_again();
  const c10::FunctionSchema& schema = op_.schema();
  const size_t first = stack.size() - schema.arguments().size();
  for (size_t i = 0; i < schema.arguments().size(); ++i) take(schema.arguments()[i], stack[first + i]);
  compare_devices();
  {
    const at::AutoDispatchBelowADInplaceOrView below;
    op_.callBoxed(&stack);
  }
  for (const at::Tensor& tensor : written_) view_.update(tensor);
  for (size_t i = 0; i < schema.returns().size(); ++i) give_back(stack[stack.size() - schema.returns().size() + i]);
  note();
}

void compute(const c10::OperatorHandle& op, Stack* stack) {
  Call(op).run(*stack);
}

at::Tensor empty(c10::SymIntArrayRef sizes, std::optional<at::ScalarType> type, std::optional<at::Layout>,
                 std::optional<at::Device>, std::optional<bool> is_locked, std::optional<at::MemoryFormat> format) {
  TORCH_CHECK(!is_locked.value_or(false), "only memory of the CPU can be page-locked");
  return at::detail::empty_generic_symint(sizes, &device_allocator(),
                                          c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                          c10::dtype_or_default(type), format);
}

at::Tensor empty_strided(c10::SymIntArrayRef sizes, c10::SymIntArrayRef strides, std::optional<at::ScalarType> type,
                         std::optional<at::Layout>, std::optional<at::Device>, std::optional<bool> is_locked) {
  TORCH_CHECK(!is_locked.value_or(false), "only memory of the CPU can be page-locked");
  return at::detail::empty_strided_symint_generic(sizes, strides, &device_allocator(),
                                                  c10::DispatchKeySet(c10::DispatchKey::PrivateUse1),
                                                  c10::dtype_or_default(type));
}

/// Page-locked memory as the hardware sees it.
at::Tensor seen_by_hardware(const at::Tensor& locked) {
  const auto& storage = locked.storage();
  c10::Storage inner = c10::make_intrusive<c10::StorageImpl>(
      c10::StorageImpl::use_byte_size_t(), storage.nbytes(),
      c10::DataPtr(locked_memory().inner(storage.data()), at::kCPU), nullptr, /*resizable=*/false);
  at::Tensor seen = at::detail::make_tensor<c10::TensorImpl>(
      std::move(inner), c10::DispatchKeySet(c10::DispatchKey::CPU), locked.dtype());
  seen.unsafeGetTensorImpl()->set_sizes_and_strides(locked.sizes(), locked.strides(), locked.storage_offset());
  return seen;
}

/// Copies between host and device, or within the device. Without blocking it is under way until the host waits, if the
/// memory of the host is page-locked; else the host waits at once, as with CUDA.
at::Tensor copy_from(const at::Tensor& from, const at::Tensor& to, bool non_blocking) {
  protect_again();
  HostView view;
  const bool is_from_device = is_of_device(from), is_to_device = is_of_device(to);
  const at::Tensor& of_host = is_from_device ? to : from;
  const bool is_within = is_from_device && is_to_device;
  const bool is_locked = !is_within && of_host.numel() > 0 && locked_memory().holds(of_host.storage().data());
  const auto seen = [&](const at::Tensor& one) {
    return !is_of_device(one) && is_locked ? seen_by_hardware(one) : view.of(one);
  };
  {
    const at::AutoDispatchBelowADInplaceOrView below;
    seen(to).copy_(seen(from));
  }
  const int stream = current_stream();
  const std::string name = is_within ? "a copy" : is_from_device ? "a copy to the host" : "a copy to the device";
  std::vector<const void*> reads, writes;
  if (is_from_device) reads.push_back(memory_of(from));
  if (is_to_device) writes.push_back(memory_of(to));
  const uint64_t number = ledger().add_work(stream, name, reads, writes);
  count(is_within ? Work::CopyOnDevice : is_from_device ? Work::CopyToHost : Work::CopyToDevice, name);
  if (is_within) return to;
  if (non_blocking && is_locked) {
    ledger().add_copy(of_host.storage().data(), of_host.storage().nbytes(), stream, number,
                      is_from_device ? Ledger::HostMay::None : Ledger::HostMay::Read);
  } else {
    count(Work::Wait, name);
    ledger().wait(ledger().clock_of(stream));
  }
  return to;
}

at::Tensor copy_from_and_resize(const at::Tensor& from, const at::Tensor& to) {
  if (from.sizes() != to.sizes()) to.resize_(from.sizes());
  return copy_from(from, to, /*non_blocking=*/false);
}

void record_stream(at::Tensor& tensor, c10::Stream stream) {
  ledger().record(memory_of(tensor), static_cast<int>(stream.id()));
}

}  // namespace

void register_kernels() {
  using torch::Library;
  static Library everything(Library::IMPL, "_", c10::DispatchKey::PrivateUse1, __FILE__, __LINE__);
  everything.fallback(torch::CppFunction::makeFromBoxedFunction<&compute>());
  static Library aten(Library::IMPL, "aten", c10::DispatchKey::PrivateUse1, __FILE__, __LINE__);
  aten.impl("empty.memory_format", &empty);
  aten.impl("empty_strided", &empty_strided);
  aten.impl("_copy_from", &copy_from);
  aten.impl("_copy_from_and_resize", &copy_from_and_resize);
  aten.impl("record_stream", &record_stream);
  // LibTorch has a way of its own for these on each kind of device; here it is the CPU's, with its choice of kernel.
  for (const char* name : {"convolution", "convolution_backward", "native_group_norm", "native_layer_norm"})
    aten.impl(name, torch::CppFunction::makeFromBoxedFunction<&compute>());
}

}  // namespace weft::simulated
