#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

namespace weft::vision {

/// The window of structural similarity: the weights of its means, the treatment of borders, and its side in pixels.
struct SsimWindow {
  enum Kind {
    Uniform,         ///< 7x7 pixels of one weight, within the image; sample covariances (scikit-image's default)
    Gaussian,        ///< 11x11, deviation 1.5, within the image (scikit-image with gaussian_weights; Wang et al. 2004)
    GaussianPadded,  ///< the same, zeros around the image (the package pytorch-ssim)
    GaussianReflected  ///< the same, the image mirrored about its border pixels (the package torchmetrics)
  };

  /// @param size  pixels along each side, odd, from 3; without it, those that are named above
  SsimWindow(Kind kind, std::optional<int64_t> size = {}) : kind(kind), size(size.value_or(kind == Uniform ? 7 : 11)) {}

  /// Pixels from the middle to the border.
  int64_t radius() const { return size / 2; }
  /// The smallest height and width that an image may have.
  int64_t least_side() const;

  Kind kind;
  int64_t size;
};

/// Structural similarity of each pixel, and its factor without the means: the contrast that MS-SSIM takes of coarse scales.
///
///   S = (2 mx my + c1) / (mx^2 + my^2 + c1) * K,  K = (2 sxy + c2) / (sx + sy + c2)
struct SsimMaps {
  at::Tensor similarity;  // S, [B, C, h, w]: of the pixels whose window is within the image, or of all that are padded
  at::Tensor contrast;    // K, the same shape
};
/// @param a, b   [B, C, H, W]; at least window.least_side() high and wide
/// @param range  the largest difference that values can have: 2 for images in [-1, 1]
SsimMaps ssim_maps(const at::Tensor& a, const at::Tensor& b, SsimWindow window, double range);

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

/// Means of S and of K over the pixels of each channel, in double, without gradients: for metrics.
///
/// On a CPU the Gaussian window of 11x11 pixels has a kernel of its own, which keeps eleven rows at a time.
struct SsimMeans {
  at::Tensor similarity, contrast;  // [B, C], double
};
SsimMeans ssim_means(const at::Tensor& a, const at::Tensor& b, SsimWindow window, double range);

/// What forbids a window or an image, of a node of type `node`.
/// @param size  the side that was asked for
/// @throws Error  where it is even
void check_window_size(const char* node, std::optional<int64_t> size);
/// @param image  [B, C, H, W]
/// @throws Error  where the image is smaller than the window needs
void check_image_size(const char* node, const at::Tensor& image, SsimWindow window);

/// SSIM of each pixel of the image with the Gaussian window; the image is mirrored at its border, border pixels twice, as
/// scikit-image's `full=True` gives it. [B, C, H, W], at least 5 pixels high and wide.
at::Tensor ssim_picture(const at::Tensor& a, const at::Tensor& b, double range);

}  // namespace weft::vision
