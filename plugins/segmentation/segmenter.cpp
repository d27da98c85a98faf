#include "plugins/segmentation/segmenter.h"

#include "framework/nn/highest_channel.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/upsample_bilinear2d.h>

#include <algorithm>
#include <cmath>

namespace weft::segmentation {

at::Tensor normalised(const at::Tensor& image) {
  const at::Tensor x = nn::widened(image);
  const at::Tensor mean = at::tensor({0.485, 0.456, 0.406}, x.options()).view({1, 3, 1, 1});
  const at::Tensor deviation = at::tensor({0.229, 0.224, 0.225}, x.options()).view({1, 3, 1, 1});
  return ((x + 1) / 2 - mean) / deviation;
}

at::Tensor resized(const at::Tensor& map, int64_t height, int64_t width) {
  if (map.size(2) == height && map.size(3) == width) return map;
  return at::upsample_bilinear2d(map, {height, width}, /*align_corners=*/false);
}

void check_size(const std::string& node, const at::Tensor& image, int64_t least) {
  if (image.size(2) >= least && image.size(3) >= least) return;
  throw Error(Exit::Graph, text(node, " wants frames of at least ", least, 'x', least, " pixels, but got ",
                                weights::shape_text(image)))
      .hint("enlarge the frames with image.resize first");
}

void Passes::declare(Params& p) {
  p("scales", scales,
    "sizes of the frame at which the network runs at test time, such as [0.75, 1.0, 1.25]; the logits of all passes "
    "are "
    "averaged at the size of the frame. Training has one pass, at 1.0")
      .above(0)
      .max(8);
  p("flip", flip, "each pass is repeated with the frame mirrored left to right, and averaged too");
}

void Passes::check() const {
  if (scales.empty())
    throw Error(Exit::Graph, "`scales` is empty: [1.0] runs the network once, at the size of the frame");
}

at::Tensor Passes::run(const at::Tensor& image, bool is_training,
                       const std::function<at::Tensor(const at::Tensor&)>& network) const {
  const int64_t height = image.size(2), width = image.size(3);
  const auto pass = [&](const at::Tensor& frame) { return resized(nn::widened(network(frame)), height, width); };
  if (is_training) return pass(image);
  at::Tensor sum;
  for (const double scale : scales) {
    const auto size = [&](int64_t side) {
      return std::max<int64_t>(1, std::lround(static_cast<double>(side) * scale));
    };
    const at::Tensor frame = resized(nn::widened(image), size(height), size(width));
    at::Tensor logits = pass(frame);
    if (flip) logits = (logits + pass(frame.flip({3})).flip({3})) / 2;
    sum = sum.defined() ? sum + logits : logits;
  }
  return scales.size() == 1 ? sum : sum / static_cast<double>(scales.size());
}

at::Tensor labels_of(const at::Tensor& logits) {
  return nn::highest_channel(logits);
}

}  // namespace weft::segmentation
