#include "framework/backbones/inception.h"

#include "framework/backbones/inception_blocks.h"

#include <ATen/ops/upsample_bilinear2d.h>

namespace weft::backbones {

using namespace inception;

namespace {

constexpr int64_t kFeatures = 2048, kSide = 299;

at::Tensor halved(const at::Tensor& x) {
  return nn::max_pool(x, {.kernel = 3, .stride = 2});
}

}  // namespace

struct InceptionFid::Layers {
  Layers(nn::Module& network, int64_t classes, double e)
      : first(network, "Conv2d_1a_3x3", 3, 32, {.kernel = 3, .stride = 2, .epsilon = e}),
        second(network, "Conv2d_2a_3x3", 32, 32, {.kernel = 3, .epsilon = e}),
        third(network, "Conv2d_2b_3x3", 32, 64, {.kernel = 3, .padding = 1, .epsilon = e}),
        fourth(network, "Conv2d_3b_1x1", 64, 80, {.epsilon = e}),
        fifth(network, "Conv2d_4a_3x3", 80, 192, {.kernel = 3, .epsilon = e}),
        mixed_5b(network, "Mixed_5b", 192, 32, e),
        mixed_5c(network, "Mixed_5c", 256, 64, e),
        mixed_5d(network, "Mixed_5d", 288, 64, e),
        mixed_6a(network, "Mixed_6a", 288, e),
        mixed_6b(network, "Mixed_6b", 768, 128, e),
        mixed_6c(network, "Mixed_6c", 768, 160, e),
        mixed_6d(network, "Mixed_6d", 768, 160, e),
        mixed_6e(network, "Mixed_6e", 768, 192, e),
        mixed_7a(network, "Mixed_7a", 768, e),
        mixed_7b(network, "Mixed_7b", 1280, Pool::Mean, e),
        mixed_7c(network, "Mixed_7c", kFeatures, Pool::Max, e),
        fc(network, "fc", {.in = kFeatures, .out = classes}) {}

  Unit first, second, third, fourth, fifth;
  BlockA mixed_5b, mixed_5c, mixed_5d;
  BlockB mixed_6a;
  BlockC mixed_6b, mixed_6c, mixed_6d, mixed_6e;
  BlockD mixed_7a;
  BlockE mixed_7b, mixed_7c;
  nn::Linear fc;
};

InceptionFid::InceptionFid(nn::Module& parent, std::string name, int64_t classes, double epsilon)
    : nn::Module(parent, std::move(name)), layers_(std::make_unique<Layers>(*this, classes, epsilon)) {}

InceptionFid::~InceptionFid() = default;

at::Tensor InceptionFid::resized(const at::Tensor& image) {
  return at::upsample_bilinear2d(image, {kSide, kSide}, /*align_corners=*/false);
}

at::Tensor InceptionFid::maps(const at::Tensor& image, const Tap& tap) const {
  at::Tensor x = image;
  const auto then = [&](const auto& layer, const char* name) {
    x = layer(x);
    if (tap) tap(name, x);
  };
  const Layers& n = *layers_;
  then([&](const at::Tensor& map) { return halved(n.third(n.second(n.first(map)))); }, "block0");  // [B, 64, 73, 73]
  then([&](const at::Tensor& map) { return halved(n.fifth(n.fourth(map))); }, "block1");           // [B, 192, 35, 35]
  then(n.mixed_5b, "Mixed_5b");
  then(n.mixed_5c, "Mixed_5c");
  then(n.mixed_5d, "Mixed_5d");  // [B, 288, 35, 35]
  then(n.mixed_6a, "Mixed_6a");  // [B, 768, 17, 17]
  then(n.mixed_6b, "Mixed_6b");
  then(n.mixed_6c, "Mixed_6c");
  then(n.mixed_6d, "Mixed_6d");
  then(n.mixed_6e, "Mixed_6e");
  if (tap) tap("block2", x);
  then(n.mixed_7a, "Mixed_7a");  // [B, 1280, 8, 8]
  then(n.mixed_7b, "Mixed_7b");
  then(n.mixed_7c, "Mixed_7c");  // [B, 2048, 8, 8]
  return x;
}

at::Tensor InceptionFid::logits(const at::Tensor& features) const {
  return layers_->fc(features);
}

}  // namespace weft::backbones
