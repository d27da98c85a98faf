#include "tests/device/simulated/host_view.h"

#include "tests/device/simulated/device.h"
#include "tests/device/simulated/kernels.h"
#include "tests/device/simulated/memory.h"

#include <c10/core/CPUAllocator.h>

#include <cstring>

namespace weft::simulated {
namespace {

bool is_of_device(const at::Tensor& tensor) {
  return tensor.defined() && tensor.is_privateuseone();
}

c10::Storage storage_at(void* inner, size_t bytes) {
  return c10::make_intrusive<c10::StorageImpl>(c10::StorageImpl::use_byte_size_t(), bytes,
                                               c10::DataPtr(inner, at::kCPU), c10::GetCPUAllocator(),
                                               /*resizable=*/true);
}

/// What of a tensor is not its storage.
void copy_form(const c10::TensorImpl& from, c10::TensorImpl& to) {
  to.set_sizes_and_strides(from.sizes(), from.strides(), from.storage_offset());
  if (from.is_wrapped_number()) to.set_wrapped_number(true);
}

}  // namespace

c10::Storage HostView::of(const c10::Storage& storage) {
  const auto known = pairs_.find(storage.unsafeGetStorageImpl());
  if (known != pairs_.end()) return known->second.of_host;
  void* inner = device_memory().inner(storage.data());
  const c10::Storage of_host = storage_at(inner, storage.nbytes());
  pairs_[storage.unsafeGetStorageImpl()] = {storage, of_host, inner, {}};
  return of_host;
}

at::Tensor HostView::of(const at::Tensor& tensor) {
  if (!is_of_device(tensor)) return tensor;
  at::Tensor& made = tensors_[tensor.unsafeGetTensorImpl()];
  if (made.defined()) return made;
  made = at::detail::make_tensor<c10::TensorImpl>(of(tensor.storage()), c10::DispatchKeySet(c10::DispatchKey::CPU),
                                                  tensor.dtype());
  copy_form(*tensor.unsafeGetTensorImpl(), *made.unsafeGetTensorImpl());
  originals_[made.unsafeGetTensorImpl()] = tensor;
  pairs_.at(tensor.storage().unsafeGetStorageImpl()).keys = tensor.key_set();
  return made;
}

const HostView::Pair* HostView::pair_of(const c10::StorageImpl* of_host) const {
  for (const auto& [unused, pair] : pairs_) {
    if (pair.of_host.unsafeGetStorageImpl() == of_host) return &pair;
  }
  return nullptr;
}

/// The storage of the device that belongs to one of the host; new memory where there is none.
c10::Storage HostView::storage_back(const c10::Storage& of_host) {
  const size_t bytes = of_host.nbytes();
  if (const Pair* pair = pair_of(of_host.unsafeGetStorageImpl())) {
    if (of_host.data() == pair->inner && bytes == pair->of_device.nbytes()) return pair->of_device;
    // The operation needed more room.
    resize_storage(*pair->of_device.unsafeGetStorageImpl(), bytes);
    if (bytes > 0) std::memcpy(device_memory().inner(pair->of_device.data()), of_host.data(), bytes);
    made_.push_back(pair->of_device.data());
    return pair->of_device;
  }
  c10::DataPtr memory = device_allocator().allocate(bytes);
  if (bytes > 0) std::memcpy(device_memory().inner(memory.get()), of_host.data(), bytes);
  made_.push_back(memory.get());
  return c10::make_intrusive<c10::StorageImpl>(c10::StorageImpl::use_byte_size_t(), bytes, std::move(memory),
                                               &device_allocator(), /*resizable=*/true);
}

void HostView::update(const at::Tensor& tensor) {
  if (!is_of_device(tensor)) return;
  const at::Tensor& of_host = tensors_.at(tensor.unsafeGetTensorImpl());
  c10::TensorImpl& impl = *tensor.unsafeGetTensorImpl();
  const c10::Storage storage = storage_back(of_host.storage());
  if (storage.unsafeGetStorageImpl() != tensor.storage().unsafeGetStorageImpl()) impl.set_storage_keep_dtype(storage);
  const bool is_changed = of_host.sizes() != tensor.sizes() || of_host.strides() != tensor.strides() ||
                          of_host.storage_offset() != tensor.storage_offset();
  if (is_changed) impl.set_sizes_and_strides(of_host.sizes(), of_host.strides(), of_host.storage_offset());
}

at::Tensor HostView::back(const at::Tensor& result) {
  if (!result.defined() || !result.is_cpu()) return result;
  const auto original = originals_.find(result.unsafeGetTensorImpl());
  if (original != originals_.end()) return original->second;
  const Pair* viewed = pair_of(result.storage().unsafeGetStorageImpl());
  c10::Storage storage = storage_back(result.storage());
  at::Tensor made;
  if (viewed) {  // what LibTorch keeps of a view follows from the keys of what is viewed
    made = at::detail::make_tensor<c10::TensorImpl>(c10::TensorImpl::VIEW, std::move(storage), viewed->keys,
                                                    result.dtype());
  } else {
    made = at::detail::make_tensor<c10::TensorImpl>(std::move(storage),
                                                    c10::DispatchKeySet(c10::DispatchKey::PrivateUse1), result.dtype());
  }
  copy_form(*result.unsafeGetTensorImpl(), *made.unsafeGetTensorImpl());
  return made;
}

}  // namespace weft::simulated
