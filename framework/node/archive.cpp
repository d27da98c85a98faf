#include "framework/node/archive.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/scalar_tensor.h>

namespace weft {
namespace {

const at::Tensor& checked_number(const std::string& name, const at::Tensor& entry) {
  if (entry.defined() && entry.numel() == 1) return entry;
  throw Error(Exit::Data, text("the saved state's entry \"", name, "\" is no number"));
}

}  // namespace

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

}  // namespace weft
