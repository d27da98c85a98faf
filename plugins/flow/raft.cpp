#include "plugins/flow/raft.h"

#include "framework/base/text.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/im2col.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/upsample_bilinear2d.h>

#include <cmath>

namespace weft::flow {
namespace {

using Norm = RaftUnit::Norm;

constexpr int64_t kCell = 8;  // pixels of a frame for one of the maps, in each direction

int64_t hidden_of(RaftKind kind) {
  return kind == RaftKind::Large ? 128 : 96;
}
int64_t context_of(RaftKind kind) {
  return kind == RaftKind::Large ? 128 : 64;
}
int64_t motion_of(RaftKind kind) {
  return kind == RaftKind::Large ? 128 : 82;
}

nn::ConvOptions conv(int64_t in, int64_t out, int64_t kernel, int64_t stride = 1) {
  return {.in = in,
          .out = out,
          .kernel = kernel,
          .stride = stride,
          .padding = kernel / 2,
          .weight_init = nn::Init::fan_in()};
}

void add_norm(nn::Sequence& layers, int64_t channels, Norm norm) {
  if (norm == Norm::Batch) {
    layers.add<nn::Norm2d>(
        channels, nn::NormOptions{.statistics = nn::NormOptions::Statistics::ByMode, .weight_init = nn::Init::ones()});
  }
  if (norm == Norm::Instance) {
    layers.add<nn::Norm2d>(channels, nn::NormOptions{.kind = nn::NormOptions::Kind::Instance, .running = false});
  }
}

void add_unit(nn::Sequence& layers, const nn::ConvOptions& options, Norm norm) {
  layers.add<nn::Conv2d>(options);
  add_norm(layers, options.out, norm);
  layers.then([](const at::Tensor& x) { return x.relu_(); });
}

/// A block with a shortcut: two 3x3 convolutions, or 1x1, 3x3 and 1x1 with a quarter of the channels inside.
class Block : public nn::Module {
 public:
  Block(nn::Module& parent, std::string name, RaftKind kind, Norm norm, int64_t in, int64_t out, int64_t stride)
      : Module(parent, std::move(name)) {
    const std::vector<nn::ConvOptions> large = {conv(in, out, 3, stride), conv(out, out, 3)};
    const std::vector<nn::ConvOptions> small = {conv(in, out / 4, 1), conv(out / 4, out / 4, 3, stride),
                                                conv(out / 4, out, 1)};
    for (const nn::ConvOptions& options : kind == RaftKind::Large ? large : small) {
      units_.push_back(std::make_unique<nn::Sequence>(*this, text("convnormrelu", units_.size() + 1)));
      add_unit(*units_.back(), options, norm);
    }
    if (stride == 1) return;
    downsample_.emplace(*this, "downsample");
    downsample_->add<nn::Conv2d>(conv(in, out, 1, stride));
    add_norm(*downsample_, out, norm);
  }

  at::Tensor operator()(const at::Tensor& x) const {
    at::Tensor y = x;
    for (const auto& unit : units_) y = (*unit)(y);
    return ((downsample_ ? (*downsample_)(x) : x) + y).relu_();
  }

 private:
  std::vector<std::unique_ptr<nn::Sequence>> units_;
  std::optional<nn::Sequence> downsample_;
};

void add_blocks(nn::Sequence& layer, RaftKind kind, Norm norm, int64_t in, int64_t out, int64_t stride) {
  layer.add<Block>(kind, norm, in, out, stride).add<Block>(kind, norm, out, out, 1);
}

}  // namespace

at::Tensor pixel_positions(const at::Tensor& like) {
  const int64_t height = like.size(2), width = like.size(3);
  const at::Tensor x = at::arange(width, like.options()).expand({height, width});
  const at::Tensor y = at::arange(height, like.options()).unsqueeze(1).expand({height, width});
  return at::stack({x, y}).unsqueeze(0).expand({like.size(0), 2, height, width});
}

RaftEncoder::RaftEncoder(nn::Module& parent, std::string name, RaftKind kind, Norm norm, int64_t out)
    : Module(parent, std::move(name)),
      first_(*this, "convnormrelu"),
      layer1_(*this, "layer1"),
      layer2_(*this, "layer2"),
      layer3_(*this, "layer3"),
      conv_(*this, "conv", conv(kind == RaftKind::Large ? 128 : 96, out, 1)) {
  const bool is_large = kind == RaftKind::Large;
  const int64_t a = is_large ? 64 : 32, b = is_large ? 96 : 64, c = is_large ? 128 : 96;
  add_unit(first_, conv(3, a, 7, 2), norm);
  add_blocks(layer1_, kind, norm, a, a, 1);
  add_blocks(layer2_, kind, norm, a, b, 2);
  add_blocks(layer3_, kind, norm, b, c, 2);
}

at::Tensor RaftEncoder::operator()(const at::Tensor& image) const {
  return conv_(layer3_(layer2_(layer1_(first_(image)))));
}

RaftUpdate::Gru::Gru(nn::Module& parent, std::string name, int64_t in, int64_t hidden, nn::PerAxis kernel,
                     nn::Padding padding)
    : Module(parent, std::move(name)),
      convz(*this, "convz", {.in = in + hidden, .out = hidden, .kernel = kernel, .padding = padding}),
      convr(*this, "convr", {.in = in + hidden, .out = hidden, .kernel = kernel, .padding = padding}),
      convq(*this, "convq", {.in = in + hidden, .out = hidden, .kernel = kernel, .padding = padding}) {}

at::Tensor RaftUpdate::Gru::operator()(const at::Tensor& hidden, const at::Tensor& x) const {
  const at::Tensor both = at::cat({hidden, x}, 1);
  const at::Tensor z = convz(both).sigmoid_(), r = convr(both).sigmoid_();
  const at::Tensor q = convq(at::cat({r * hidden, x}, 1)).tanh_();
  return (1 - z) * hidden + z * q;
}

RaftUpdate::RaftUpdate(nn::Module& parent, std::string name, RaftKind kind)
    : Module(parent, std::move(name)),
      motion_encoder_(*this, "motion_encoder"),
      recurrent_block_(*this, "recurrent_block"),
      flow_head_(*this, "flow_head"),
      convcorr1_(motion_encoder_, "convcorr1"),
      convflow1_(motion_encoder_, "convflow1"),
      convflow2_(motion_encoder_, "convflow2"),
      conv_(motion_encoder_, "conv"),
      head1_(flow_head_, "conv1", conv(hidden_of(kind), kind == RaftKind::Large ? 256 : 128, 3)),
      head2_(flow_head_, "conv2", conv(kind == RaftKind::Large ? 256 : 128, 2, 3)) {
  const bool is_large = kind == RaftKind::Large;
  const int64_t side = is_large ? 9 : 7, seen = is_large ? 256 : 96, moved = is_large ? 128 : 64;
  add_unit(convcorr1_, conv(CorrelationPyramid::kLevels * side * side, seen, 1), Norm::None);
  if (is_large) {
    convcorr2_.emplace(motion_encoder_, "convcorr2");
    add_unit(*convcorr2_, conv(256, 192, 3), Norm::None);
  }
  add_unit(convflow1_, conv(2, moved, 7), Norm::None);
  add_unit(convflow2_, conv(moved, moved / 2, 3), Norm::None);
  add_unit(conv_, conv((is_large ? 192 : seen) + moved / 2, motion_of(kind) - 2, 3), Norm::None);
  const int64_t in = context_of(kind) + motion_of(kind), hidden = hidden_of(kind);
  if (is_large) {
    grus_.push_back(
        std::make_unique<Gru>(recurrent_block_, "convgru1", in, hidden, nn::PerAxis{1, 5}, nn::Padding{0, 2}));
    grus_.push_back(
        std::make_unique<Gru>(recurrent_block_, "convgru2", in, hidden, nn::PerAxis{5, 1}, nn::Padding{2, 0}));
  } else {
    grus_.push_back(std::make_unique<Gru>(recurrent_block_, "convgru1", in, hidden, nn::PerAxis(3), nn::Padding(1)));
  }
}

at::Tensor RaftUpdate::motion(const at::Tensor& correlations, const at::Tensor& flow) const {
  at::Tensor seen = convcorr1_(correlations);
  if (convcorr2_) seen = (*convcorr2_)(seen);
  const at::Tensor moved = convflow2_(convflow1_(flow));
  return at::cat({conv_(at::cat({seen, moved}, 1)), flow}, 1);
}

RaftUpdate::Step RaftUpdate::operator()(const at::Tensor& hidden, const at::Tensor& context,
                                        const at::Tensor& correlations, const at::Tensor& flow) const {
  const at::Tensor x = at::cat({context, motion(correlations, flow)}, 1);
  at::Tensor next = hidden;
  for (const auto& gru : grus_) next = (*gru)(next, x);
  return {next, head2_(head1_(next).relu_())};
}

Raft::Raft(nn::Module& parent, std::string name, RaftKind kind)
    : Module(parent, std::move(name)),
      kind_(kind),
      feature_encoder_(*this, "feature_encoder", kind, Norm::Instance, kind == RaftKind::Large ? 256 : 128),
      context_encoder_(*this, "context_encoder", kind, kind == RaftKind::Large ? Norm::Batch : Norm::None,
                       hidden_of(kind) + context_of(kind)),
      update_block_(*this, "update_block", kind),
      mask_predictor_(*this, "mask_predictor") {
  if (kind == RaftKind::Small) return;
  convrelu_.emplace(mask_predictor_, "convrelu");
  add_unit(*convrelu_, conv(128, 256, 3), Norm::None);
  mask_conv_.emplace(mask_predictor_, "conv", conv(256, kCell * kCell * 9, 1));
}

at::Tensor Raft::enlarged(const at::Tensor& flow, const at::Tensor& hidden) const {
  const int64_t batch = flow.size(0), height = flow.size(2), width = flow.size(3);
  if (!convrelu_) {
    return at::upsample_bilinear2d(flow, {kCell * height, kCell * width}, /*align_corners=*/true) * kCell;
  }
  // Each pixel is a mean of its 3x3 neighbours in the small map, whose weights the mask holds.
  const at::Tensor mask = nn::widened((*mask_conv_)((*convrelu_)(hidden))) * 0.25;
  const at::Tensor weights = mask.view({batch, 1, 9, kCell, kCell, height, width}).softmax(2);
  const at::Tensor neighbours =
      at::im2col(flow * kCell, {3, 3}, {1, 1}, {1, 1}, {1, 1}).view({batch, 2, 9, 1, 1, height, width});
  return (weights * neighbours)
      .sum(2)                       // [B, 2, 8, 8, h, w]
      .permute({0, 1, 4, 2, 5, 3})  // [B, 2, h, 8, w, 8]
      .reshape({batch, 2, kCell * height, kCell * width});
}

std::vector<at::Tensor> Raft::operator()(const at::Tensor& first, const at::Tensor& second, int64_t updates,
                                         at::ScalarType type) const {
  const std::vector<at::Tensor> features =
      nn::widened(feature_encoder_(nn::enter(at::cat({first, second}), type))).chunk(2);
  const CorrelationPyramid pyramid(features[0], features[1]);
  const at::Tensor encoded = context_encoder_(nn::enter(first, type));
  at::Tensor hidden = encoded.slice(1, 0, hidden_of(kind_)).tanh();
  const at::Tensor context = encoded.slice(1, hidden_of(kind_)).relu();
  const at::Tensor start = pixel_positions(features[0]);
  at::Tensor positions = start;
  std::vector<at::Tensor> flows;
  for (int64_t i = 0; i < updates; ++i) {
    const at::Tensor correlations = pyramid.look_up(positions, radius());
    const RaftUpdate::Step step =
        update_block_(hidden, context, nn::enter(correlations, type), nn::enter(positions - start, type));
    hidden = step.hidden;
    positions = positions + nn::widened(step.change);
    flows.push_back(enlarged(positions - start, hidden));
  }
  return flows;
}

}  // namespace weft::flow
