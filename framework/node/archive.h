#pragma once

#include "framework/node/record.h"

#include <ATen/core/Tensor.h>

#include <map>
#include <string>

namespace weft {

class ArchivedFields;

/// The counts of a record as an entry, int64 [samples].
at::Tensor tensor_of_counts(const std::vector<int64_t>& counts);
/// @throws Error  (Exit::Data) when the entry is none
std::vector<int64_t> counts_of_tensor(const std::string& name, const at::Tensor& entry);

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
  /// A record without lists; its fields may be undefined, as in a node that has seen no frame.
  template <RecordType T>
  void operator()(const std::string& name, T& record);

  const Entries& entries() const { return entries_; }

 private:
  friend class ArchivedFields;
  const at::Tensor& find(const std::string& name) const;

  const Entries* saved_ = nullptr;
  Entries entries_;
};

/// Saves the fields of a record under "NAME/FIELD", and its counts under "NAME/LETTER"; or restores them.
class ArchivedFields final : public RecordFields {
 public:
  ArchivedFields(Archive& archive, std::string name) : archive_(archive), name_(std::move(name)) {}
  void counts(std::string_view letter, std::vector<int64_t>& counts) override;

 private:
  void take(const std::string& path, at::Tensor& tensor, std::string_view declaration) override;
  /// @throws Error  (Exit::Plugin): how long a list is would have to be known before it is restored
  size_t length_at(const std::string& path, size_t given) override;

  Archive& archive_;
  std::string name_;
};

template <RecordType T>
void Archive::operator()(const std::string& name, T& record) {
  ArchivedFields fields(*this, name);
  record.visit(fields);
}

}  // namespace weft
