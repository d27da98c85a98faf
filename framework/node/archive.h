#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>

namespace weft {

/// The argument of a node's `state(Archive& a)`: `a("previous", previous_);` for each value that it keeps from frame to
/// frame. The same call saves and restores, so that a resumed run gives exactly the same values.
class Archive {
 public:
  using Entries = std::map<std::string, at::Tensor>;

  /// Collects the state of a node.
  Archive() = default;
  /// Restores a collected state.
  /// @throws Error  when an entry is missing
  explicit Archive(const Entries& saved) : saved_(&saved) {}

  void operator()(const std::string& name, at::Tensor& tensor);
  void operator()(const std::string& name, int64_t& number);
  void operator()(const std::string& name, double& number);

  const Entries& entries() const { return entries_; }

 private:
  const at::Tensor& find(const std::string& name) const;

  const Entries* saved_ = nullptr;
  Entries entries_;
};

}  // namespace weft
