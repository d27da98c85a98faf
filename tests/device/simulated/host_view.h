#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Storage.h>

#include <map>
#include <vector>

namespace weft::simulated {

/// The tensors of the device as tensors of the CPU that lie in the same memory, seen at its inner address; and what the CPU
/// made of them back as tensors of the device. For one operation.
class HostView {
 public:
  /// A tensor of the CPU in the place of one of the device; others as they are.
  at::Tensor of(const at::Tensor& tensor);
  c10::Storage of(const c10::Storage& storage);

  /// After the operation: brings over sizes, strides and storage that it changed in `tensor`.
  void update(const at::Tensor& tensor);
  /// A result as a tensor of the device: an argument itself, a view of one, or new memory.
  at::Tensor back(const at::Tensor& result);

  /// The memory of new results.
  const std::vector<const void*>& made() const { return made_; }

 private:
  struct Pair {
    c10::Storage of_device, of_host;
    void* inner = nullptr;
    c10::DispatchKeySet keys;  ///< of a tensor of the device that lies in it
  };

  const Pair* pair_of(const c10::StorageImpl* of_host) const;
  c10::Storage storage_back(const c10::Storage& of_host);

  std::map<const c10::StorageImpl*, Pair> pairs_;         ///< by storage of the device
  std::map<const c10::TensorImpl*, at::Tensor> tensors_;  ///< of the host, by tensor of the device
  std::map<const c10::TensorImpl*, at::Tensor> originals_;
  std::vector<const void*> made_;
};

}  // namespace weft::simulated
