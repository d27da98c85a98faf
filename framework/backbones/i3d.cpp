#include "framework/backbones/i3d.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/relu.h>

#include <array>
#include <cassert>
#include <optional>

namespace weft::backbones {
namespace {

/// Channels of the six convolutions of a Mixed unit: b0 · b1a, b1b · b2a, b2b · b3b.
using MixedChannels = std::array<int64_t, 6>;

/// One endpoint: a convolution, a pooling, or a Mixed unit.
struct Row {
  const char* name;
  enum class Kind { Conv, Pool, Mixed } kind;
  int64_t out;  ///< channels of a convolution
  nn::PerAxis kernel, stride;
  MixedChannels mixed;
};
constexpr auto kConv = Row::Kind::Conv, kPool = Row::Kind::Pool, kMixed = Row::Kind::Mixed;

/// Table 1 of the paper's supplement, as published.
constexpr std::array<Row, 16> kRows = {{
    {"Conv3d_1a_7x7", kConv, 64, 7, 2, {}},
    {"MaxPool3d_2a_3x3", kPool, 0, {1, 3, 3}, {1, 2, 2}, {}},
    {"Conv3d_2b_1x1", kConv, 64, 1, 1, {}},
    {"Conv3d_2c_3x3", kConv, 192, 3, 1, {}},
    {"MaxPool3d_3a_3x3", kPool, 0, {1, 3, 3}, {1, 2, 2}, {}},
    {"Mixed_3b", kMixed, 0, 1, 1, {64, 96, 128, 16, 32, 32}},
    {"Mixed_3c", kMixed, 0, 1, 1, {128, 128, 192, 32, 96, 64}},
    {"MaxPool3d_4a_3x3", kPool, 0, 3, 2, {}},
    {"Mixed_4b", kMixed, 0, 1, 1, {192, 96, 208, 16, 48, 64}},
    {"Mixed_4c", kMixed, 0, 1, 1, {160, 112, 224, 24, 64, 64}},
    {"Mixed_4d", kMixed, 0, 1, 1, {128, 128, 256, 24, 64, 64}},
    {"Mixed_4e", kMixed, 0, 1, 1, {112, 144, 288, 32, 64, 64}},
    {"Mixed_4f", kMixed, 0, 1, 1, {256, 160, 320, 32, 128, 128}},
    {"MaxPool3d_5a_2x2", kPool, 0, 2, 2, {}},
    {"Mixed_5b", kMixed, 0, 1, 1, {256, 160, 320, 32, 128, 128}},
    {"Mixed_5c", kMixed, 0, 1, 1, {384, 192, 384, 48, 128, 128}},
}};

/// The border is filled with zeros, as the original pads; maps are not negative, so a maximum is that of the pixels.
at::Tensor max_pool_same(const at::Tensor& x, nn::PerAxis kernel, nn::PerAxis stride) {
  return nn::max_pool(x, {.kernel = kernel, .stride = stride, .padding = nn::Padding::same()});
}

}  // namespace

struct I3d::Unit : nn::Module {
  Unit(nn::Module& parent, std::string name, int64_t in, int64_t out, nn::PerAxis kernel, nn::PerAxis stride,
       double epsilon)
      : nn::Module(parent, std::move(name)),
        conv(*this, "conv3d",
             {.in = in,
              .out = out,
              .kernel = kernel,
              .stride = stride,
              .padding = nn::Padding::same(),
              .bias = false,
              .weight_init = nn::Init::fan_in()}),
        norm(
            *this, "bn", out,
            {.statistics = nn::NormOptions::Statistics::Running, .epsilon = epsilon, .weight_init = nn::Init::ones()}) {
  }

  at::Tensor operator()(const at::Tensor& x) const { return norm(conv(x)).relu_(); }

  nn::Conv3d conv;
  nn::Norm3d norm;
};

struct I3d::Mixed : nn::Module {
  Mixed(nn::Module& parent, std::string name, int64_t in, const MixedChannels& out, double epsilon)
      : nn::Module(parent, std::move(name)),
        b0(*this, "b0", in, out[0], 1, 1, epsilon),
        b1a(*this, "b1a", in, out[1], 1, 1, epsilon),
        b1b(*this, "b1b", out[1], out[2], 3, 1, epsilon),
        b2a(*this, "b2a", in, out[3], 1, 1, epsilon),
        b2b(*this, "b2b", out[3], out[4], 3, 1, epsilon),
        b3b(*this, "b3b", in, out[5], 1, 1, epsilon) {}

  at::Tensor operator()(const at::Tensor& x) const {
    return at::cat({b0(x), b1b(b1a(x)), b2b(b2a(x)), b3b(max_pool_same(x, 3, 1))}, 1);
  }

  Unit b0, b1a, b1b, b2a, b2b, b3b;
};

struct I3d::Stage {
  const Row* row = nullptr;
  std::optional<Unit> unit;
  std::optional<Mixed> mixed;

  at::Tensor operator()(const at::Tensor& x) const {
    if (unit) return (*unit)(x);
    return mixed ? (*mixed)(x) : max_pool_same(x, row->kernel, row->stride);
  }
};

I3d::I3d(nn::Module& parent, std::string name, const I3dOptions& options) : nn::Module(parent, std::move(name)) {
  int64_t in = options.in;
  for (const Row& row : kRows) {
    auto stage = std::make_unique<Stage>();
    stage->row = &row;
    if (row.kind == kConv) {
      stage->unit.emplace(*this, row.name, in, row.out, row.kernel, row.stride, options.epsilon);
      in = row.out;
    } else if (row.kind == kMixed) {
      stage->mixed.emplace(*this, row.name, in, row.mixed, options.epsilon);
      in = row.mixed[0] + row.mixed[2] + row.mixed[4] + row.mixed[5];
    }
    stages_.push_back(std::move(stage));
  }
  head_ = std::make_unique<nn::Module>(*this, "logits");
  logits_ = std::make_unique<nn::Conv3d>(
      *head_, "conv3d",
      nn::ConvOptions{.in = in, .out = options.classes, .kernel = 1, .weight_init = nn::Init::fan_in()});
}

I3d::~I3d() = default;

at::Tensor I3d::maps(const at::Tensor& clip, const Tap& tap) const {
  at::Tensor x = clip;
  for (const auto& stage : stages_) {
    x = (*stage)(x);
    if (tap) tap(stage->row->name, x);
  }
  return x;
}

at::Tensor I3d::averages(const at::Tensor& maps) {
  assert(maps.size(2) >= 2 && maps.size(3) >= 7 && maps.size(4) >= 7);
  return nn::average_pool(maps, {.kernel = {2, 7, 7}, .stride = 1});
}

at::Tensor I3d::logits(const at::Tensor& averages) const {
  return (*logits_)(averages);
}

}  // namespace weft::backbones
