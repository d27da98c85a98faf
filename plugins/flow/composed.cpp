#include "plugins/flow/operators.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>

#include <vector>

namespace weft::flow {
namespace {

/// How much of a sample comes from the pixel before a position and from the one after it, and where these are.
struct Side {
  at::Tensor before, after;  ///< [B, H, W] int64, within the image
  at::Tensor share;          ///< [B, H, W] in [0, 1), of the one after it
};

/// A coordinate as a pixel within the image; NaN becomes 0.
at::Tensor within(const at::Tensor& coordinate, int64_t size) {
  return coordinate.nan_to_num(0).clamp(0, size - 1).to(at::kLong);
}

Side side_of(const at::Tensor& position, int64_t size) {
  const at::Tensor whole = position.detach().floor();
  return {within(whole, size), within(whole + 1, size), position - whole};
}

}  // namespace

at::Tensor correlation_composed(const at::Tensor& a, const at::Tensor& b, int64_t reach, int64_t step) {
  const int64_t height = a.size(2), width = a.size(3), radius = reach / step, border = radius * step;
  const at::Tensor padded = at::constant_pad_nd(b, {border, border, border, border});
  std::vector<at::Tensor> rows;
  for (int64_t down = 0; down <= 2 * border; down += step) {
    const at::Tensor shifted = padded.narrow(2, down, height).unfold(3, width, step);  // [B, C, H, 2r + 1, W]
    rows.push_back((a.unsqueeze(3) * shifted).mean(1).transpose(1, 2));                // [B, 2r + 1, H, W]
  }
  return at::cat(rows, 1);  // [B, (2r + 1)^2, H, W]
}

at::Tensor resample_composed(const at::Tensor& image, const at::Tensor& flow) {
  const int64_t height = image.size(2), width = image.size(3);
  const at::Tensor columns = at::arange(width, flow.options()), rows = at::arange(height, flow.options()).unsqueeze(1);
  const Side x = side_of(flow.select(1, 0) + columns, width), y = side_of(flow.select(1, 1) + rows, height);
  const at::Tensor pixels = image.flatten(2);  // [B, C, H W]
  const auto sampled = [&](const at::Tensor& row, const at::Tensor& column, const at::Tensor& share) {
    const at::Tensor places = (row * width + column).flatten(1).unsqueeze(1).expand_as(pixels);
    return pixels.gather(2, places).view_as(image) * share.unsqueeze(1);
  };
  return sampled(y.before, x.before, (1 - y.share) * (1 - x.share)) +
         sampled(y.before, x.after, (1 - y.share) * x.share) + sampled(y.after, x.before, y.share * (1 - x.share)) +
         sampled(y.after, x.after, y.share * x.share);
}

}  // namespace weft::flow
