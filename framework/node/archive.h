#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>

namespace weft {

/// What a node's `state(Archive& a)` talks to: `a("previous", previous_);` for everything it remembers across frames.
/// The same call saves and restores, so that a resumed run goes on exactly.
class Archive {
 public:
  using Entries = std::map<std::string, at::Tensor>;

  /// Collects what the node remembers.
  Archive() = default;
  /// Gives back what was collected.
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
