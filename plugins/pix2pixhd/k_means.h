#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

namespace weft::pix2pixhd {

/// Centres of `count` clusters of the rows: the best of ten runs of Lloyd's algorithm from centres that k-means++ draws.
///
/// A run ends after 300 steps, or when the centres move by less than 1e-4 of the variance of the rows, as in scikit-learn.
/// Source: Arthur and Vassilvitskii 2007, "k-means++: The Advantages of Careful Seeding".
/// @param rows   [N, F], N >= 1, on the CPU
/// @param count  1 … N
/// @returns [count, F], in the type of `rows`
at::Tensor k_means(const at::Tensor& rows, int64_t count, at::Generator generator);

}  // namespace weft::pix2pixhd
