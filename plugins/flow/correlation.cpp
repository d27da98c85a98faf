#include "framework/base/processors.h"
#include "plugins/flow/device.h"
#include "plugins/flow/kernels.h"
#include "plugins/flow/operators.h"
#include <weft/node.h>

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

namespace weft::flow {
namespace {

using Sizes = cuda::CorrelationSizes;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

/// Strides in memory of the innermost loops.
struct Strides {
  int64_t channel, displacement;
};

/// Displacements of one row of the volume: `count` of them, from `first` on, in pixels.
struct Displacements {
  int64_t first, step, count;
};

/// out += p * q for rows of `width` pixels, for all channels and horizontal displacements. A pixel at displacement d from
/// pixel x counts if it is inside the row too. The volume, `a` and `b` take the places of out, p and q in
/// turns.
template <typename T>
inline __attribute__((always_inline)) void add_products(T* __restrict out, Strides of_out, const T* __restrict p,
                                                        Strides of_p, const T* __restrict q, Strides of_q,
                                                        int64_t channels, Displacements displacements, int64_t width) {
  for (int64_t channel = 0; channel < channels; ++channel) {
    for (int64_t i = 0; i < displacements.count; ++i) {
      const int64_t away = displacements.first + i * displacements.step;
      const int64_t begin = std::max<int64_t>(0, -away), end = std::min(width, width - away);
      T* to = out + channel * of_out.channel + i * of_out.displacement;
      const T* left = p + channel * of_p.channel + i * of_p.displacement;
      const T* right = q + channel * of_q.channel + i * of_q.displacement;
      for (int64_t x = begin; x < end; ++x) to[x] += left[x] * right[x];
    }
  }
}

// The loops above.
WEFT_FOR_EACH_PROCESSOR("arch=x86-64-v4", "arch=x86-64-v3", "default")
void add_rows(float* out, Strides of_out, const float* p, Strides of_p, const float* q, Strides of_q, int64_t channels,
              Displacements displacements, int64_t width) {
  add_products(out, of_out, p, of_p, q, of_q, channels, displacements, width);
}

void add_rows(double* out, Strides of_out, const double* p, Strides of_p, const double* q, Strides of_q,
              int64_t channels, Displacements displacements, int64_t width) {
  add_products(out, of_out, p, of_p, q, of_q, channels, displacements, width);
}

/// Which part a row plays.
enum class Wanted { Volume, OfA, OfB };

/// Adds up one row y of the volume, or of the gradient of `a` (row y) or `b` (row y + down).
template <typename T>
void add_row(Wanted wanted, T* a, T* b, T* volume, const Sizes& s, int64_t y, int64_t vertical) {
  const int64_t plane = s.height * s.width, side = 2 * s.radius + 1;
  const int64_t down = (vertical - s.radius) * s.step, first = -s.radius * s.step;
  const Displacements across{first, s.step, side};
  T* of_a = a + y * s.width;
  T* of_b = b + (y + down) * s.width + first;
  T* of_volume = volume + vertical * side * plane + y * s.width;
  const Strides along_a{plane, 0}, along_b{plane, s.step}, along_volume{0, plane};
  if (wanted == Wanted::Volume)
    add_rows(of_volume, along_volume, of_a, along_a, of_b, along_b, s.channels, across, s.width);
  if (wanted == Wanted::OfA)
    add_rows(of_a, along_a, of_volume, along_volume, of_b, along_b, s.channels, across, s.width);
  if (wanted == Wanted::OfB)
    add_rows(of_b, along_b, of_volume, along_volume, of_a, along_a, s.channels, across, s.width);
}

/// Adds up the volume or one of the gradients, rows in parallel: each row of the result belongs to one thread.
template <typename T>
void add_all(Wanted wanted, T* a, T* b, T* volume, const Sizes& s) {
  const int64_t plane = s.height * s.width, side = 2 * s.radius + 1;
  at::parallel_for(0, s.batch * s.height, 1, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t sample = row / s.height, own = row % s.height;
      for (int64_t vertical = 0; vertical < side; ++vertical) {
        const int64_t down = (vertical - s.radius) * s.step;
        const int64_t y = wanted == Wanted::OfB ? own - down : own;
        if (y < 0 || y >= s.height || y + down < 0 || y + down >= s.height) continue;
        add_row(wanted, a + sample * s.channels * plane, b + sample * s.channels * plane,
                volume + sample * side * side * plane, s, y, vertical);
      }
    }
  });
}

template <typename T>
T* numbers(const at::Tensor& tensor) {
  return static_cast<T*>(tensor.data_ptr());
}

template <typename T>
at::Tensor forward_in(const at::Tensor& a, const at::Tensor& b, const Sizes& s) {
  const int64_t side = 2 * s.radius + 1;
  at::Tensor volume = at::zeros({s.batch, side * side, s.height, s.width}, a.options());
  if (a.is_cpu()) {
    add_all(Wanted::Volume, numbers<T>(a), numbers<T>(b), numbers<T>(volume), s);
    return volume.div_(s.channels);
  }
  on_gpu(a, [&](auto* stream) { cuda::correlation(numbers<T>(a), numbers<T>(b), numbers<T>(volume), s, stream); });
  return volume;
}

template <typename T>
tensor_list backward_in(const at::Tensor& a, const at::Tensor& b, const at::Tensor& gradient, const Sizes& s) {
  at::Tensor of_a = at::zeros(a.sizes(), a.options()), of_b = at::zeros(b.sizes(), b.options());
  if (a.is_cpu()) {
    add_all(Wanted::OfA, numbers<T>(of_a), numbers<T>(b), numbers<T>(gradient), s);
    add_all(Wanted::OfB, numbers<T>(a), numbers<T>(of_b), numbers<T>(gradient), s);
    return {of_a.div_(s.channels), of_b.div_(s.channels)};
  }
  on_gpu(a, [&](auto* stream) {
    cuda::correlation_backward(numbers<T>(a), numbers<T>(b), numbers<T>(gradient), numbers<T>(of_a), numbers<T>(of_b),
                               s, stream);
  });
  return {of_a, of_b};
}

Sizes sizes_of(const at::Tensor& a, int64_t reach, int64_t step) {
  return {a.size(0), a.size(1), a.size(2), a.size(3), reach / step, step};
}

struct Correlation : torch::autograd::Function<Correlation> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& a, const at::Tensor& b, int64_t reach,
                            int64_t step) {
    context->save_for_backward({a, b});
    context->saved_data["reach"] = reach;
    context->saved_data["step"] = step;
    const Sizes sizes = sizes_of(a, reach, step);
    return a.scalar_type() == at::kDouble ? forward_in<double>(a, b, sizes) : forward_in<float>(a, b, sizes);
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &a = saved[0], &b = saved[1], gradient = gradients[0].contiguous();
    const Sizes sizes = sizes_of(a, context->saved_data["reach"].toInt(), context->saved_data["step"].toInt());
    tensor_list of = a.scalar_type() == at::kDouble ? backward_in<double>(a, b, gradient, sizes)
                                                    : backward_in<float>(a, b, gradient, sizes);
    return {of[0], of[1], at::Tensor(), at::Tensor()};
  }
};

/// The correlation (cost) volume as a node.
struct CorrelationNode {
  static constexpr auto about =
      "Correlation volume of two maps (FlowNet, kernel of one pixel): one channel for each displacement, in rows of "
      "equal vertical displacement";

  int64_t reach = 20;
  int64_t step = 2;

  void params(Params& p) {
    p("reach", reach, "the largest displacement in each direction, in pixels").min(0);
    p("step", step, "pixels between displacements").min(1);
  }

  void shape(Shapes& shapes) const {
    const int64_t side = 2 * (reach / step) + 1;
    shapes.set('D', side * side);
  }

  Out<"volume", "feature[B,D,H,W]"> run(In<"a", "feature[B,C,H,W]"> a, In<"b", "feature[B,C,H,W]"> b) {
    return correlation(*a, *b, reach, step);
  }
};

}  // namespace

at::Tensor correlation(const at::Tensor& a, const at::Tensor& b, int64_t reach, int64_t step) {
  const at::Tensor left = as_input(a), right = as_input(b);
  return has_kernel(left) ? Correlation::apply(left, right, reach, step)
                          : correlation_composed(left, right, reach, step);
}

void add_correlation(Registry& registry) {
  registry.add<CorrelationNode>("flow.correlation");
}

}  // namespace weft::flow
