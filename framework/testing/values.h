#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/ops/tensor.h>

#include <cstdint>
#include <vector>

namespace weft::testing {

/// The numbers of a tensor in reading order, on the CPU.
template <typename T>
std::vector<T> values(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.detach().to(at::kCPU, c10::CppTypeToScalarType<T>::value).contiguous().flatten();
  return {flat.const_data_ptr<T>(), flat.const_data_ptr<T>() + flat.numel()};
}
inline std::vector<float> values(const at::Tensor& tensor) {
  return values<float>(tensor);
}

/// A float map [1, 1, H, W] as one writes it down, row by row.
inline at::Tensor map_of(const std::vector<std::vector<float>>& rows) {
  std::vector<float> numbers;
  for (const std::vector<float>& row : rows) numbers.insert(numbers.end(), row.begin(), row.end());
  return at::tensor(numbers).view({1, 1, static_cast<int64_t>(rows.size()), -1});
}

/// A map of ids, int64 [1, 1, H, W].
inline at::Tensor ids_of(const std::vector<std::vector<int64_t>>& rows) {
  std::vector<int64_t> numbers;
  for (const std::vector<int64_t>& row : rows) numbers.insert(numbers.end(), row.begin(), row.end());
  return at::tensor(numbers).view({1, 1, static_cast<int64_t>(rows.size()), -1});
}

}  // namespace weft::testing
