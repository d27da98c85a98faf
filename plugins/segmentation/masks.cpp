#include "plugins/segmentation/masks.h"

#include "plugins/segmentation/segmenter.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

namespace weft::segmentation {
namespace {

constexpr int64_t kBorder = 1;

/// The pixels from `first` to `last` that one side of a grown box has.
struct Span {
  int64_t first, last;

  int64_t length() const { return std::max<int64_t>(last - first + 1, 1); }
};

/// Grows the side of a box about its centre. In float, where the original rounds too.
Span grown(double low, double high, float factor) {
  const float a = static_cast<float>(low), b = static_cast<float>(high);
  const float half = (b - a) * 0.5F * factor, centre = (b + a) * 0.5F;
  return {static_cast<int64_t>(centre - half), static_cast<int64_t>(centre + half)};
}

}  // namespace

at::Tensor selected_masks(const at::Tensor& logits, const at::Tensor& labels) {
  const at::Tensor index = labels.view({-1, 1, 1, 1}).expand({-1, 1, logits.size(2), logits.size(3)});
  return logits.gather(1, index).sigmoid();
}

PlacedMask placed_mask(const at::Tensor& mask, const std::array<double, 4>& box, const ImageSize& image) {
  const auto side = static_cast<float>(mask.size(0));
  const float factor = (side + 2 * kBorder) / side;
  const Span x = grown(box[0], box[2], factor), y = grown(box[1], box[3], factor);
  const int64_t left = std::max<int64_t>(x.first, 0), right = std::min(x.last + 1, image.width);
  const int64_t top = std::max<int64_t>(y.first, 0), bottom = std::min(y.last + 1, image.height);
  if (left >= right || top >= bottom) return {0, 0, at::zeros({0, 0}, mask.options())};
  const at::Tensor padded = at::constant_pad_nd(mask, {kBorder, kBorder, kBorder, kBorder});
  const at::Tensor whole = resized(padded.unsqueeze(0).unsqueeze(0), y.length(), x.length())[0][0];
  return {top, left, whole.slice(0, top - y.first, bottom - y.first).slice(1, left - x.first, right - x.first)};
}

at::Tensor pasted_masks(const at::Tensor& masks, const at::Tensor& boxes, const ImageSize& image) {
  const at::Tensor pasted = at::zeros({masks.size(0), 1, image.height, image.width}, masks.options());
  const at::Tensor on_host = boxes.to(at::kCPU, at::kDouble).contiguous();
  for (int64_t i = 0; i < masks.size(0); ++i) {
    const double* box = on_host.const_data_ptr<double>() + 4 * i;
    const PlacedMask placed = placed_mask(masks[i][0], {box[0], box[1], box[2], box[3]}, image);
    pasted[i][0]
        .narrow(0, placed.top, placed.values.size(0))
        .narrow(1, placed.left, placed.values.size(1))
        .copy_(placed.values);
  }
  return pasted;
}

}  // namespace weft::segmentation
