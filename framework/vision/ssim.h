#pragma once

#include <ATen/core/Tensor.h>

namespace weft::vision {

/// The window of structural similarity: the weights of its means, and the treatment of borders.
enum class SsimWindow {
  Uniform,        ///< 7x7 pixels of one weight, within the image; sample covariances (scikit-image's default)
  Gaussian,       ///< 11x11, deviation 1.5, within the image (scikit-image with gaussian_weights; Wang et al. 2004)
  GaussianPadded  ///< the same, zeros around the image (the package pytorch-ssim)
};

/// Pixels along each side of a window.
int64_t size_of(SsimWindow window);

/// Structural similarity (SSIM), 1 for equal images.
///
///   S = (2 mx my + c1) (2 sxy + c2) / ((mx^2 + my^2 + c1) (sx + sy + c2)),  c1 = (0.01 range)^2, c2 = (0.03 range)^2
///
/// for each channel alone, then the mean over pixels and channels. In the type of the inputs.
/// Source: Wang et al. 2004, "Image Quality Assessment: From Error Visibility to Structural Similarity".
/// @param a, b   [B, C, H, W]; without padding at least as large as the window
/// @param range  the largest difference that values can have: 2 for images in [-1, 1]
/// @returns [B]
at::Tensor ssim(const at::Tensor& a, const at::Tensor& b, SsimWindow window, double range);

}  // namespace weft::vision
