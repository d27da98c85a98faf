#include "framework/weights/shape_text.h"

namespace weft::weights {

std::string shape_text(at::IntArrayRef sizes) {
  std::vector<std::string> parts;
  for (const int64_t size : sizes) parts.push_back(text(size));
  return text('[', join(parts), ']');
}

std::string shape_text(const at::Tensor& tensor) {
  return tensor.defined() ? shape_text(tensor.sizes()) : "nothing";
}

}  // namespace weft::weights
