#include "plugins/flow/kernels.h"

#include <cuda_runtime.h>

namespace weft::flow::cuda {
namespace {

constexpr int kThreads = 256;

/// One thread a value; more values than a grid holds are taken in turns.
__host__ unsigned blocks_for(int64_t values) {
  constexpr int64_t kMost = 1 << 20;
  const int64_t blocks = (values + kThreads - 1) / kThreads;
  return static_cast<unsigned>(blocks < 1 ? 1 : blocks < kMost ? blocks : kMost);
}

__device__ int64_t first_value() {
  return static_cast<int64_t>(blockIdx.x) * blockDim.x + threadIdx.x;
}
__device__ int64_t stride() {
  return static_cast<int64_t>(gridDim.x) * blockDim.x;
}

/// Threads of a warp have neighbouring x: what they read and write lies side by side.
template <typename T>
__global__ void correlate(const T* a, const T* b, T* out, CorrelationSizes s) {
  const int64_t side = 2 * s.radius + 1, plane = s.height * s.width;
  const int64_t values = s.batch * side * side * plane;
  for (int64_t value = first_value(); value < values; value += stride()) {
    const int64_t x = value % s.width, y = value / s.width % s.height;
    const int64_t displacement = value / plane % (side * side), sample = value / plane / (side * side);
    const int64_t there_x = x + (displacement % side - s.radius) * s.step;
    const int64_t there_y = y + (displacement / side - s.radius) * s.step;
    T sum = 0;
    if (there_x >= 0 && there_x < s.width && there_y >= 0 && there_y < s.height) {
      const T* here = a + sample * s.channels * plane + y * s.width + x;
      const T* there = b + sample * s.channels * plane + there_y * s.width + there_x;
      for (int64_t channel = 0; channel < s.channels; ++channel) sum += here[channel * plane] * there[channel * plane];
    }
    out[value] = sum / static_cast<T>(s.channels);
  }
}

/// The gradient of one of the maps at one pixel gathers from all displacements; nothing is written twice. A pixel of `a` was
/// multiplied with the one of `b` that lies a displacement further (direction 1), one of `b` with the one of `a` that lies
/// as far back (direction -1); the volume has its values at the pixels of `a`.
template <typename T>
__global__ void correlate_back(const T* other, const T* gradient, T* of_map, CorrelationSizes s, int direction) {
  const int64_t side = 2 * s.radius + 1, plane = s.height * s.width;
  const int64_t values = s.batch * s.channels * plane;
  for (int64_t value = first_value(); value < values; value += stride()) {
    const int64_t x = value % s.width, y = value / s.width % s.height;
    const int64_t map = value / plane, sample = map / s.channels;
    const T* volume = gradient + sample * side * side * plane;
    T sum = 0;
    for (int64_t displacement = 0; displacement < side * side; ++displacement) {
      const int64_t other_x = x + direction * (displacement % side - s.radius) * s.step;
      const int64_t other_y = y + direction * (displacement / side - s.radius) * s.step;
      if (other_x < 0 || other_x >= s.width || other_y < 0 || other_y >= s.height) continue;
      const int64_t there = other_y * s.width + other_x, of_a = direction > 0 ? y * s.width + x : there;
      sum += volume[displacement * plane + of_a] * other[map * plane + there];
    }
    of_map[value] = sum / static_cast<T>(s.channels);
  }
}

/// The four pixels about a position, and how far it lies from the upper left one.
struct Taps {
  int64_t left, right, top, bottom;
  double along_x, along_y;
};

/// A coordinate as a pixel within the image; NaN becomes 0.
__device__ int64_t within(double coordinate, int64_t size) {
  return static_cast<int64_t>(fmin(fmax(coordinate, 0.0), static_cast<double>(size - 1)));
}

template <typename T>
__device__ Taps taps_at(const T* flow, int64_t sample, int64_t y, int64_t x, const ResampleSizes& s) {
  const int64_t plane = s.height * s.width, pixel = y * s.width + x;
  const T to_x = static_cast<T>(x) + flow[sample * 2 * plane + pixel];
  const T to_y = static_cast<T>(y) + flow[(sample * 2 + 1) * plane + pixel];
  const double left = floor(static_cast<double>(to_x)), top = floor(static_cast<double>(to_y));
  return {within(left, s.width), within(left + 1, s.width),
          within(top, s.height), within(top + 1, s.height),
          to_x - left,           to_y - top};
}

template <typename T>
__global__ void sample_image(const T* image, const T* flow, T* out, ResampleSizes s) {
  const int64_t plane = s.height * s.width;
  for (int64_t value = first_value(); value < s.batch * plane; value += stride()) {
    const int64_t x = value % s.width, y = value / s.width % s.height, sample = value / plane;
    const Taps at = taps_at(flow, sample, y, x, s);
    for (int64_t channel = 0; channel < s.channels; ++channel) {
      const T* map = image + (sample * s.channels + channel) * plane;
      T sum = static_cast<T>((1 - at.along_y) * (1 - at.along_x) * map[at.top * s.width + at.left]);
      sum += static_cast<T>((1 - at.along_y) * at.along_x * map[at.top * s.width + at.right]);
      sum += static_cast<T>(at.along_y * (1 - at.along_x) * map[at.bottom * s.width + at.left]);
      sum += static_cast<T>(at.along_y * at.along_x * map[at.bottom * s.width + at.right]);
      out[(sample * s.channels + channel) * plane + y * s.width + x] = sum;
    }
  }
}

/// Several pixels may have read one pixel of the image: their gradients are added atomically, in no fixed order.
template <typename T>
__global__ void sample_image_back(const T* image, const T* flow, const T* gradient, T* of_image, T* of_flow,
                                  ResampleSizes s) {
  const int64_t plane = s.height * s.width;
  for (int64_t value = first_value(); value < s.batch * plane; value += stride()) {
    const int64_t x = value % s.width, y = value / s.width % s.height, sample = value / plane;
    const Taps at = taps_at(flow, sample, y, x, s);
    double along_x = 0, along_y = 0;
    for (int64_t channel = 0; channel < s.channels; ++channel) {
      const int64_t base = (sample * s.channels + channel) * plane;
      const double grown = gradient[base + y * s.width + x];
      const int64_t corners[4] = {at.top * s.width + at.left, at.top * s.width + at.right,
                                  at.bottom * s.width + at.left, at.bottom * s.width + at.right};
      const double top_left = image[base + corners[0]], top_right = image[base + corners[1]];
      const double bottom_left = image[base + corners[2]], bottom_right = image[base + corners[3]];
      along_x += grown * ((1 - at.along_y) * (top_right - top_left) + at.along_y * (bottom_right - bottom_left));
      along_y += grown * ((1 - at.along_x) * (bottom_left - top_left) + at.along_x * (bottom_right - top_right));
      atomicAdd(of_image + base + corners[0], static_cast<T>((1 - at.along_y) * (1 - at.along_x) * grown));
      atomicAdd(of_image + base + corners[1], static_cast<T>((1 - at.along_y) * at.along_x * grown));
      atomicAdd(of_image + base + corners[2], static_cast<T>(at.along_y * (1 - at.along_x) * grown));
      atomicAdd(of_image + base + corners[3], static_cast<T>(at.along_y * at.along_x * grown));
    }
    of_flow[sample * 2 * plane + y * s.width + x] = static_cast<T>(along_x);
    of_flow[(sample * 2 + 1) * plane + y * s.width + x] = static_cast<T>(along_y);
  }
}

}  // namespace

template <typename T>
void correlation(const T* a, const T* b, T* out, CorrelationSizes sizes, void* stream) {
  const int64_t side = 2 * sizes.radius + 1;
  const unsigned blocks = blocks_for(sizes.batch * side * side * sizes.height * sizes.width);
  correlate<<<blocks, kThreads, 0, static_cast<cudaStream_t>(stream)>>>(a, b, out, sizes);
}

template <typename T>
void correlation_backward(const T* a, const T* b, const T* gradient, T* of_a, T* of_b, CorrelationSizes sizes,
                          void* stream) {
  const unsigned blocks = blocks_for(sizes.batch * sizes.channels * sizes.height * sizes.width);
  correlate_back<<<blocks, kThreads, 0, static_cast<cudaStream_t>(stream)>>>(b, gradient, of_a, sizes, 1);
  correlate_back<<<blocks, kThreads, 0, static_cast<cudaStream_t>(stream)>>>(a, gradient, of_b, sizes, -1);
}

template <typename T>
void resample(const T* image, const T* flow, T* out, ResampleSizes sizes, void* stream) {
  const unsigned blocks = blocks_for(sizes.batch * sizes.height * sizes.width);
  sample_image<<<blocks, kThreads, 0, static_cast<cudaStream_t>(stream)>>>(image, flow, out, sizes);
}

template <typename T>
void resample_backward(const T* image, const T* flow, const T* gradient, T* of_image, T* of_flow, ResampleSizes sizes,
                       void* stream) {
  const unsigned blocks = blocks_for(sizes.batch * sizes.height * sizes.width);
  sample_image_back<<<blocks, kThreads, 0, static_cast<cudaStream_t>(stream)>>>(image, flow, gradient, of_image,
                                                                                of_flow, sizes);
}

template void correlation(const float*, const float*, float*, CorrelationSizes, void*);
template void correlation(const double*, const double*, double*, CorrelationSizes, void*);
template void correlation_backward(const float*, const float*, const float*, float*, float*, CorrelationSizes, void*);
template void correlation_backward(const double*, const double*, const double*, double*, double*, CorrelationSizes,
                                   void*);
template void resample(const float*, const float*, float*, ResampleSizes, void*);
template void resample(const double*, const double*, double*, ResampleSizes, void*);
template void resample_backward(const float*, const float*, const float*, float*, float*, ResampleSizes, void*);
template void resample_backward(const double*, const double*, const double*, double*, double*, ResampleSizes, void*);

}  // namespace weft::flow::cuda
