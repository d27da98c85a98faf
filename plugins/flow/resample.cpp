#include "plugins/flow/device.h"
#include "plugins/flow/kernels.h"
#include "plugins/flow/operators.h"
#include <weft/node.h>

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>

namespace weft::flow {
namespace {

using Sizes = cuda::ResampleSizes;
using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

constexpr int64_t kRowsAtOnce = 8;  // for a thread: fewer are not worth waking one

/// The four pixels about a position, by their places in a plane, and what each weighs.
struct Taps {
  int64_t top_left, top_right, bottom_left, bottom_right;
  double along_x, along_y;  ///< how far the position lies from the upper left pixel
};

/// A coordinate as a pixel within the image; NaN becomes 0.
int64_t within(double coordinate, int64_t size) {
  return static_cast<int64_t>(std::min(static_cast<double>(size - 1), std::max(0.0, coordinate)));
}

template <typename T>
Taps taps_at(const T* flow, int64_t y, int64_t x, const Sizes& s) {
  const int64_t plane = s.height * s.width, pixel = y * s.width + x;
  const T to_x = static_cast<T>(x) + flow[pixel], to_y = static_cast<T>(y) + flow[plane + pixel];
  const double column = std::floor(static_cast<double>(to_x)), row = std::floor(static_cast<double>(to_y));
  const int64_t left = within(column, s.width), right = within(column + 1, s.width);
  const int64_t top = within(row, s.height) * s.width, bottom = within(row + 1, s.height) * s.width;
  return {top + left, top + right, bottom + left, bottom + right, to_x - column, to_y - row};
}

/// The weights are double and each product is rounded, as in the original.
template <typename T>
T sampled(const T* map, const Taps& at) {
  T sum = static_cast<T>((1 - at.along_y) * (1 - at.along_x) * map[at.top_left]);
  sum += static_cast<T>((1 - at.along_y) * at.along_x * map[at.top_right]);
  sum += static_cast<T>(at.along_y * (1 - at.along_x) * map[at.bottom_left]);
  sum += static_cast<T>(at.along_y * at.along_x * map[at.bottom_right]);
  return sum;
}

template <typename T>
T* numbers(const at::Tensor& tensor) {
  return static_cast<T*>(tensor.data_ptr());
}

template <typename T>
void sample_rows(const T* image, const T* flow, T* out, const Sizes& s) {
  const int64_t plane = s.height * s.width;
  at::parallel_for(0, s.batch * s.height, kRowsAtOnce, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t sample = row / s.height, y = row % s.height;
      for (int64_t x = 0; x < s.width; ++x) {
        const Taps at = taps_at(flow + sample * 2 * plane, y, x, s);
        for (int64_t channel = 0; channel < s.channels; ++channel) {
          const int64_t map = (sample * s.channels + channel) * plane;
          out[map + y * s.width + x] = sampled(image + map, at);
        }
      }
    }
  });
}

/// The gradient of the flow, rows in parallel.
template <typename T>
void slope_rows(const T* image, const T* flow, const T* gradient, T* of_flow, const Sizes& s) {
  const int64_t plane = s.height * s.width;
  at::parallel_for(0, s.batch * s.height, kRowsAtOnce, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const int64_t sample = row / s.height, y = row % s.height, of_sample = sample * 2 * plane;
      for (int64_t x = 0; x < s.width; ++x) {
        const Taps at = taps_at(flow + of_sample, y, x, s);
        double along_x = 0, along_y = 0;
        for (int64_t channel = 0; channel < s.channels; ++channel) {
          const int64_t base = (sample * s.channels + channel) * plane;
          const T* map = image + base;
          const double grown = gradient[base + y * s.width + x];
          along_x += grown * ((1 - at.along_y) * (map[at.top_right] - map[at.top_left]) +
                              at.along_y * (map[at.bottom_right] - map[at.bottom_left]));
          along_y += grown * ((1 - at.along_x) * (map[at.bottom_left] - map[at.top_left]) +
                              at.along_x * (map[at.bottom_right] - map[at.top_right]));
        }
        of_flow[of_sample + y * s.width + x] = static_cast<T>(along_x);
        of_flow[of_sample + plane + y * s.width + x] = static_cast<T>(along_y);
      }
    }
  });
}

/// The gradient of the image, maps in parallel: pixels of one map may be read from several rows.
template <typename T>
void scatter_maps(const T* flow, const T* gradient, T* of_image, const Sizes& s) {
  const int64_t plane = s.height * s.width;
  at::parallel_for(0, s.batch * s.channels, 1, [&](int64_t begin, int64_t end) {
    for (int64_t map = begin; map < end; ++map) {
      T* to = of_image + map * plane;
      for (int64_t y = 0; y < s.height; ++y) {
        for (int64_t x = 0; x < s.width; ++x) {
          const Taps at = taps_at(flow + map / s.channels * 2 * plane, y, x, s);
          const double grown = gradient[map * plane + y * s.width + x];
          to[at.top_left] += static_cast<T>((1 - at.along_y) * (1 - at.along_x) * grown);
          to[at.top_right] += static_cast<T>((1 - at.along_y) * at.along_x * grown);
          to[at.bottom_left] += static_cast<T>(at.along_y * (1 - at.along_x) * grown);
          to[at.bottom_right] += static_cast<T>(at.along_y * at.along_x * grown);
        }
      }
    }
  });
}

Sizes sizes_of(const at::Tensor& image) {
  return {image.size(0), image.size(1), image.size(2), image.size(3)};
}

template <typename T>
at::Tensor forward_in(const at::Tensor& image, const at::Tensor& flow) {
  at::Tensor out = at::empty(image.sizes(), image.options());
  const Sizes sizes = sizes_of(image);
  if (image.is_cpu()) {
    sample_rows(numbers<T>(image), numbers<T>(flow), numbers<T>(out), sizes);
    return out;
  }
  on_gpu(image,
         [&](auto* stream) { cuda::resample(numbers<T>(image), numbers<T>(flow), numbers<T>(out), sizes, stream); });
  return out;
}

template <typename T>
tensor_list backward_in(const at::Tensor& image, const at::Tensor& flow, const at::Tensor& gradient) {
  at::Tensor of_image = at::zeros(image.sizes(), image.options()), of_flow = at::empty(flow.sizes(), flow.options());
  const Sizes sizes = sizes_of(image);
  if (image.is_cpu()) {
    slope_rows(numbers<T>(image), numbers<T>(flow), numbers<T>(gradient), numbers<T>(of_flow), sizes);
    scatter_maps(numbers<T>(flow), numbers<T>(gradient), numbers<T>(of_image), sizes);
    return {of_image, of_flow};
  }
  on_gpu(image, [&](auto* stream) {
    cuda::resample_backward(numbers<T>(image), numbers<T>(flow), numbers<T>(gradient), numbers<T>(of_image),
                            numbers<T>(of_flow), sizes, stream);
  });
  return {of_image, of_flow};
}

struct Resample : torch::autograd::Function<Resample> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& image, const at::Tensor& flow) {
    context->save_for_backward({image, flow});
    return image.scalar_type() == at::kDouble ? forward_in<double>(image, flow) : forward_in<float>(image, flow);
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &image = saved[0], &flow = saved[1], gradient = gradients[0].contiguous();
    return image.scalar_type() == at::kDouble ? backward_in<double>(image, flow, gradient)
                                              : backward_in<float>(image, flow, gradient);
  }
};

/// Sampling as a node.
struct ResampleNode {
  static constexpr auto about =
      "Warps a map by backward flow, as FlowNet2's Resample2d does: like flow.warp, but positions are in pixels, so "
      "that a flow of whole pixels copies exactly";
  static constexpr auto passes = "image";

  Out<"sampled", "like image[B,C,H,W]"> run(In<"image", "any[B,C,H,W]"> image, In<"flow", "flow[B,2,H,W]"> flow) {
    return resample(*image, *flow);
  }
};

}  // namespace

at::Tensor resample(const at::Tensor& image, const at::Tensor& flow) {
  const at::Tensor map = as_input(image);
  const at::Tensor plain_flow = flow.to(map.scalar_type()).contiguous();
  const at::Tensor sampled = has_kernel(map) ? Resample::apply(map, plain_flow) : resample_composed(map, plain_flow);
  return sampled.to(image.scalar_type());
}

void add_resample(Registry& registry) {
  registry.add<ResampleNode>("flow.resample");
}

}  // namespace weft::flow
