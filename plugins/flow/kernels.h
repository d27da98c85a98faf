#pragma once

#include <cstdint>

/// The interface between the CUDA code and the C++ code of this plugin: pointers to contiguous memory of one device, T float or
/// double, and a stream (cudaStream_t), on which kernels are queued without waiting. No header of LibTorch is needed.
namespace weft::flow::cuda {

/// Sizes of a correlation: maps [batch, channels, height, width], displacements `radius` steps to each side.
struct CorrelationSizes {
  int64_t batch, channels, height, width;
  int64_t radius, step;
};

/// out [batch, (2 radius + 1)^2, height, width] of `a` and `b`.
template <typename T>
void correlation(const T* a, const T* b, T* out, CorrelationSizes sizes, void* stream);

/// The gradients of both maps from that of the volume; all of them are written.
template <typename T>
void correlation_backward(const T* a, const T* b, const T* gradient, T* of_a, T* of_b, CorrelationSizes sizes,
                          void* stream);

/// Sizes of a resampled image [batch, channels, height, width]; its flow is [batch, 2, height, width].
struct ResampleSizes {
  int64_t batch, channels, height, width;
};

template <typename T>
void resample(const T* image, const T* flow, T* out, ResampleSizes sizes, void* stream);

/// Adds to `of_image`, which must be zeros, and writes `of_flow`.
template <typename T>
void resample_backward(const T* image, const T* flow, const T* gradient, T* of_image, T* of_flow, ResampleSizes sizes,
                       void* stream);

}  // namespace weft::flow::cuda
