#include "framework/node/archive.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/tensor.h>

namespace weft {
namespace {

const at::Tensor& checked_number(const std::string& name, const at::Tensor& entry) {
  if (entry.defined() && entry.numel() == 1) return entry;
  throw Error(Exit::Data, text("the saved state's entry \"", name, "\" is no number"));
}

}  // namespace

at::Tensor tensor_of_counts(const std::vector<int64_t>& counts) {
  return at::tensor(counts, at::kLong);
}

std::vector<int64_t> counts_of_tensor(const std::string& name, const at::Tensor& entry) {
  if (!entry.defined() || entry.dim() != 1 || entry.scalar_type() != at::kLong)
    throw Error(Exit::Data, text("the saved entry \"", name, "\" is no list of integers"));
  const at::Tensor numbers = entry.to(at::kCPU).contiguous();
  return {numbers.const_data_ptr<int64_t>(), numbers.const_data_ptr<int64_t>() + numbers.numel()};
}

const at::Tensor& Archive::find(const std::string& name) const {
  const auto found = saved_->find(name);
  if (found == saved_->end()) throw Error(Exit::Data, text("the saved state has no entry \"", name, '"'));
  return found->second;
}

void Archive::operator()(const std::string& name, at::Tensor& tensor) {
  if (saved_) {
    tensor = find(name);
  } else {
    entries_[name] = tensor;
  }
}

void Archive::operator()(const std::string& name, int64_t& number) {
  if (saved_) {
    number = checked_number(name, find(name)).item<int64_t>();
  } else {
    entries_[name] = at::scalar_tensor(number, at::kLong);
  }
}

void Archive::operator()(const std::string& name, double& number) {
  if (saved_) {
    number = checked_number(name, find(name)).item<double>();
  } else {
    entries_[name] = at::scalar_tensor(number, at::kDouble);
  }
}

void ArchivedFields::take(const std::string& path, at::Tensor& tensor, std::string_view) {
  archive_(text(name_, '/', path), tensor);
}

size_t ArchivedFields::length_at(const std::string& path, size_t) {
  throw Error(Exit::Plugin, text("the list `", path, "` of the record \"", name_, "\" cannot be state"))
      .hint("name its tensors one by one in state()");
}

void ArchivedFields::counts(std::string_view letter, std::vector<int64_t>& counts) {
  const std::string name = text(name_, '/', letter);
  if (archive_.saved_) {
    counts = counts_of_tensor(name, archive_.find(name));
  } else {
    archive_.entries_[name] = tensor_of_counts(counts);
  }
}

}  // namespace weft
