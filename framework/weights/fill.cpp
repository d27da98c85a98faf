#include "framework/weights/fill.h"

#include "framework/base/seed.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <cmath>

namespace weft::weights {
namespace {

/// The u of one name.
class Uniform {
 public:
  explicit Uniform(std::string_view name) : first_(static_cast<uint64_t>(crc32(name)) << 32U) {}
  double operator()(int64_t i) const {
    return static_cast<double>(splitmix64(first_ + static_cast<uint64_t>(i)) >> 11U) * 0x1p-53;
  }

 private:
  uint64_t first_;
};

/// A float tensor whose i-th number is `value(u_i)`.
template <typename Value>
at::Tensor make(std::string_view name, at::IntArrayRef shape, const Value& value) {
  const Uniform uniform(name);
  at::Tensor tensor = at::empty(shape, at::kFloat);
  auto* const numbers = tensor.mutable_data_ptr<float>();
  constexpr int64_t kGrain = 1 << 16;
  at::parallel_for(0, tensor.numel(), kGrain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) numbers[i] = static_cast<float>(value(uniform(i)));
  });
  return tensor;
}

double length_of(std::string_view name, int64_t count) {
  const Uniform uniform(name);
  double squares = 0;
  for (int64_t i = 0; i < count; ++i) {
    const double v = 2 * uniform(i) - 1;
    squares += v * v;
  }
  return std::sqrt(squares);
}

at::Tensor values(std::string_view key, at::IntArrayRef shape) {
  if (key.ends_with("running_var")) return make(key, shape, [](double u) { return 1 + 0.5 * u; });
  if (key.ends_with("running_mean")) return make(key, shape, [](double u) { return 0.1 * (2 * u - 1); });
  if (key.ends_with("_u") || key.ends_with("_v")) {
    const double length = length_of(key, c10::multiply_integers(shape));
    return make(key, shape, [length](double u) { return (2 * u - 1) / length; });
  }
  if (shape.size() > 1) {
    const auto fan_in = static_cast<double>(c10::multiply_integers(shape.slice(1)));
    const double bound = std::sqrt(3.0 / fan_in);
    return make(key, shape, [bound](double u) { return (2 * u - 1) * bound; });
  }
  if (key.ends_with("weight")) return make(key, shape, [](double u) { return 1 + 0.1 * (2 * u - 1); });
  return make(key, shape, [](double u) { return 0.1 * (2 * u - 1); });
}

}  // namespace

at::Tensor fill(std::string_view key, at::IntArrayRef shape, at::ScalarType type) {
  if (key.ends_with("num_batches_tracked")) return at::zeros(shape, at::kLong);
  return values(key, shape).to(type);
}

at::Tensor fill_input(std::string_view name, at::IntArrayRef shape) {
  return make(name, shape, [](double u) { return 2 * u - 1; });
}

}  // namespace weft::weights
