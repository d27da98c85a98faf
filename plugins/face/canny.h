#pragma once

#include <ATen/core/Tensor.h>

namespace weft::face {

/// Where edges begin, as shares of the range of grey values, and how much is smoothed first.
struct CannyOptions {
  double sigma = 1;   ///< of the Gaussian, in pixels
  double low = 0.1;   ///< an edge continues where the gradient is at least this
  double high = 0.2;  ///< and needs one pixel with at least this
};

/// The edges of a grey picture, one pixel wide.
///
/// Gaussian smoothing, without the darkening at borders that zeros outside would bring; Sobel gradients; a
/// pixel stays where its gradient is at least as large as those on both sides along it, between which it is
/// interpolated; then pixels above the low threshold that hang together, also by corners, with one above the
/// high threshold. Pixels at the border are none.
///
/// Source: Canny 1986, "A computational approach to edge detection", as scikit-image documents its version:
/// the same pixels as skimage.feature.canny 0.26 in all pictures tried.
/// @param grey  [H, W] uint8 on the CPU
/// @returns [H, W] bool
at::Tensor canny(const at::Tensor& grey, const CannyOptions& options = {});

}  // namespace weft::face
