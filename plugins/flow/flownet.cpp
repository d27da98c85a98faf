#include "plugins/flow/flownet.h"

#include "framework/base/text.h"
#include "plugins/flow/operators.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/upsample_nearest2d.h>

namespace weft::flow {
namespace {

constexpr double kSlope = 0.1;
constexpr double kFlowUnit = 20;  // pixels that the networks call 1
constexpr int64_t kReach = 20, kStep = 2;

nn::ConvOptions doubling(int64_t in, int64_t out) {
  return {.in = in, .out = out, .kernel = 4, .stride = 2, .padding = 1};
}

/// The input of a stacked network beside the two images: the warped second image, the flow, and the error.
struct Explained {
  at::Tensor warped, error;
};

Explained explain(const at::Tensor& pair, const at::Tensor& flow) {
  const at::Tensor warped = resample(pair.slice(1, 3, 6), flow);
  return {warped, channel_norm(pair.slice(1, 0, 3) - warped)};
}

}  // namespace

void FlowLayers::add_conv(const std::string& name, int64_t in, int64_t out, int64_t kernel, int64_t stride) {
  auto& layer = layers_[name] = std::make_unique<Layer>();
  layer->is_activated = true;
  layer->conv.emplace(
      *this, name + ".0",
      nn::ConvOptions{.in = in, .out = out, .kernel = kernel, .stride = stride, .padding = (kernel - 1) / 2});
}

void FlowLayers::add_inter_conv(const std::string& name, int64_t in, int64_t out) {
  auto& layer = layers_[name] = std::make_unique<Layer>();
  layer->conv.emplace(*this, name + ".0", nn::ConvOptions{.in = in, .out = out, .kernel = 3, .padding = 1});
}

void FlowLayers::add_predictor(const std::string& name, int64_t in) {
  auto& layer = layers_[name] = std::make_unique<Layer>();
  layer->conv.emplace(*this, name, nn::ConvOptions{.in = in, .out = 2, .kernel = 3, .padding = 1});
}

void FlowLayers::add_deconv(const std::string& name, int64_t in, int64_t out) {
  auto& layer = layers_[name] = std::make_unique<Layer>();
  layer->is_activated = true;
  layer->deconv.emplace(*this, name + ".0", doubling(in, out));
}

void FlowLayers::add_enlarger(const std::string& name, Bias bias) {
  nn::ConvOptions options = doubling(2, 2);
  options.bias = bias == Bias::With;
  auto& layer = layers_[name] = std::make_unique<Layer>();
  layer->deconv.emplace(*this, name, options);
}

at::Tensor FlowLayers::layer(const std::string& name, const at::Tensor& x) const {
  const Layer& found = *layers_.at(name);
  at::Tensor y = found.conv ? (*found.conv)(x) : (*found.deconv)(x);
  if (found.is_activated) at::leaky_relu_(y, kSlope);
  return y;
}

at::Tensor FlowLayers::chain(const std::vector<std::string>& names, at::Tensor x) const {
  for (const std::string& name : names) x = layer(name, x);
  return x;
}

FlowDecoder::FlowDecoder(nn::Module& parent, std::string name, Prediction prediction, Bias bias_of_enlargers)
    : FlowLayers(parent, std::move(name)), prediction_(prediction) {
  struct Level {
    int number;
    int64_t skip, deconv;  ///< channels
  };
  constexpr Level kLevels[] = {{5, 512, 512}, {4, 512, 256}, {3, 256, 128}, {2, 128, 64}};
  int64_t joined = 1024;
  add_predictor("predict_flow6", joined);
  for (const Level& level : kLevels) {
    add_enlarger(text("upsampled_flow", level.number + 1, "_to_", level.number), bias_of_enlargers);
    add_deconv(text("deconv", level.number), joined, level.deconv);
    joined = level.skip + level.deconv + 2;
    const bool is_direct = prediction == Prediction::Direct;
    if (!is_direct) add_inter_conv(text("inter_conv", level.number), joined, level.deconv);
    add_predictor(text("predict_flow", level.number), is_direct ? joined : level.deconv);
  }
}

FlowDecoder::Flows FlowDecoder::decode(const std::array<at::Tensor, 5>& skips) const {
  Flows flows;
  at::Tensor joined = skips[0];
  flows[4] = layer("predict_flow6", joined);  // [B, 2, H/64, W/64]
  for (size_t i = 1; i < skips.size(); ++i) {
    const size_t level = 6 - i;
    const at::Tensor enlarged = layer(text("upsampled_flow", level + 1, "_to_", level), flows[5 - i]);
    joined = at::cat({skips[i], layer(text("deconv", level), joined), enlarged}, 1);  // [B, C, H/2^level, ...]
    const at::Tensor seen = prediction_ == Prediction::Direct ? joined : layer(text("inter_conv", level), joined);
    flows[4 - i] = layer(text("predict_flow", level), seen);
  }
  return flows;
}

void FlowDecoder::add_trunk() {
  add_conv("conv4", 256, 512, 3, 2);
  add_conv("conv4_1", 512, 512);
  add_conv("conv5", 512, 512, 3, 2);
  add_conv("conv5_1", 512, 512);
  add_conv("conv6", 512, 1024, 3, 2);
  add_conv("conv6_1", 1024, 1024);
}

std::array<at::Tensor, 3> FlowDecoder::run_trunk(const at::Tensor& conv3_1) const {
  const at::Tensor conv4 = chain({"conv4", "conv4_1"}, conv3_1);  // [B, 512, H/16, W/16]
  const at::Tensor conv5 = chain({"conv5", "conv5_1"}, conv4);    // [B, 512, H/32, W/32]
  return {chain({"conv6", "conv6_1"}, conv5), conv5, conv4};      // [B, 1024, H/64, W/64]
}

FlowNetC::FlowNetC(nn::Module& parent, std::string name)
    : FlowDecoder(parent, std::move(name), Prediction::Direct, Bias::With) {
  add_conv("conv1", 3, 64, 7, 2);
  add_conv("conv2", 64, 128, 5, 2);
  add_conv("conv3", 128, 256, 5, 2);
  add_conv("conv_redir", 256, 32, 1);
  add_conv("conv3_1", 473, 256);
  add_trunk();
}

FlowDecoder::Flows FlowNetC::operator()(const at::Tensor& pair) const {
  const at::Tensor conv2 = chain({"conv1", "conv2"}, pair.slice(1, 0, 3));  // [B, 128, H/4, W/4]
  const at::Tensor conv3 = layer("conv3", conv2);                           // [B, 256, H/8, W/8]
  const at::Tensor other = chain({"conv1", "conv2", "conv3"}, pair.slice(1, 3, 6));
  const at::Tensor volume = at::leaky_relu(correlation(conv3, other, kReach, kStep), kSlope);  // [B, 441, H/8, W/8]
  const at::Tensor joined = at::cat({layer("conv_redir", conv3), volume.to(conv3.scalar_type())}, 1);
  const at::Tensor conv3_1 = layer("conv3_1", joined);
  const auto [conv6, conv5, conv4] = run_trunk(conv3_1);
  return decode({conv6, conv5, conv4, conv3_1, conv2});
}

FlowNetS::FlowNetS(nn::Module& parent, std::string name)
    : FlowDecoder(parent, std::move(name), Prediction::Direct, Bias::Without) {
  add_conv("conv1", 12, 64, 7, 2);
  add_conv("conv2", 64, 128, 5, 2);
  add_conv("conv3", 128, 256, 5, 2);
  add_conv("conv3_1", 256, 256);
  add_trunk();
}

FlowDecoder::Flows FlowNetS::operator()(const at::Tensor& x) const {
  const at::Tensor conv2 = chain({"conv1", "conv2"}, x);          // [B, 128, H/4, W/4]
  const at::Tensor conv3_1 = chain({"conv3", "conv3_1"}, conv2);  // [B, 256, H/8, W/8]
  const auto [conv6, conv5, conv4] = run_trunk(conv3_1);
  return decode({conv6, conv5, conv4, conv3_1, conv2});
}

FlowNetSD::FlowNetSD(nn::Module& parent, std::string name)
    : FlowDecoder(parent, std::move(name), Prediction::InterConv, Bias::With) {
  add_conv("conv0", 6, 64);
  add_conv("conv1", 64, 64, 3, 2);
  add_conv("conv1_1", 64, 128);
  add_conv("conv2", 128, 128, 3, 2);
  add_conv("conv2_1", 128, 128);
  add_conv("conv3", 128, 256, 3, 2);
  add_conv("conv3_1", 256, 256);
  add_trunk();
}

FlowDecoder::Flows FlowNetSD::operator()(const at::Tensor& pair) const {
  const at::Tensor conv2_1 = chain({"conv0", "conv1", "conv1_1", "conv2", "conv2_1"}, pair);  // [B, 128, H/4, W/4]
  const at::Tensor conv3_1 = chain({"conv3", "conv3_1"}, conv2_1);                            // [B, 256, H/8, W/8]
  const auto [conv6, conv5, conv4] = run_trunk(conv3_1);
  return decode({conv6, conv5, conv4, conv3_1, conv2_1});
}

FlowNetFusion::FlowNetFusion(nn::Module& parent, std::string name) : FlowLayers(parent, std::move(name)) {
  add_conv("conv0", 11, 64);
  add_conv("conv1", 64, 64, 3, 2);
  add_conv("conv1_1", 64, 128);
  add_conv("conv2", 128, 128, 3, 2);
  add_conv("conv2_1", 128, 128);
  add_deconv("deconv1", 128, 32);
  add_deconv("deconv0", 162, 16);
  add_inter_conv("inter_conv1", 162, 32);
  add_inter_conv("inter_conv0", 82, 16);
  add_predictor("predict_flow2", 128);
  add_predictor("predict_flow1", 32);
  add_predictor("predict_flow0", 16);
  add_enlarger("upsampled_flow2_to_1", Bias::With);
  add_enlarger("upsampled_flow1_to_0", Bias::With);
}

at::Tensor FlowNetFusion::operator()(const at::Tensor& x) const {
  const at::Tensor conv0 = layer("conv0", x);                       // [B, 64, H, W]
  const at::Tensor conv1_1 = chain({"conv1", "conv1_1"}, conv0);    // [B, 128, H/2, W/2]
  const at::Tensor conv2_1 = chain({"conv2", "conv2_1"}, conv1_1);  // [B, 128, H/4, W/4]
  const at::Tensor flow2 = layer("predict_flow2", conv2_1);
  const at::Tensor joined1 = at::cat({conv1_1, layer("deconv1", conv2_1), layer("upsampled_flow2_to_1", flow2)}, 1);
  const at::Tensor flow1 = chain({"inter_conv1", "predict_flow1"}, joined1);  // [B, 2, H/2, W/2]
  const at::Tensor joined0 = at::cat({conv0, layer("deconv0", joined1), layer("upsampled_flow1_to_0", flow1)}, 1);
  return chain({"inter_conv0", "predict_flow0"}, joined0);
}

FlowNet2::FlowNet2(nn::Module& parent, std::string name)
    : Module(parent, std::move(name)),
      c_(*this, "flownetc"),
      s1_(*this, "flownets_1"),
      s2_(*this, "flownets_2"),
      sd_(*this, "flownets_d"),
      fusion_(*this, "flownetfusion") {}

at::Tensor FlowNet2::refined(const FlowNetS& network, const at::Tensor& pair, const at::Tensor& flow,
                             at::ScalarType type) const {
  const Explained by = explain(pair, flow);
  const at::Tensor seen = at::cat({pair, by.warped, flow / kFlowUnit, by.error}, 1);  // [B, 12, H, W]
  return network(nn::enter(seen, type)).front().to(at::kFloat) * kFlowUnit;           // [B, 2, H/4, W/4]
}

at::Tensor FlowNet2::operator()(const at::Tensor& first, const at::Tensor& second, at::ScalarType type) const {
  const int64_t height = first.size(2), width = first.size(3);
  const auto bilinear = [&](const at::Tensor& flow) { return at::upsample_bilinear2d(flow, {height, width}, false); };
  const auto nearest = [&](const at::Tensor& flow) { return at::upsample_nearest2d(flow, {height, width}); };
  // The mean of each sample's channels over both images and all pixels.
  const at::Tensor mean = (first.mean({2, 3}, true) + second.mean({2, 3}, true)) / 2;
  const at::Tensor pair = at::cat({first - mean, second - mean}, 1);  // [B, 6, H, W]
  const at::Tensor entered = nn::enter(pair, type);
  const at::Tensor of_c = bilinear(c_(entered).front().to(at::kFloat) * kFlowUnit);
  const at::Tensor of_s1 = bilinear(refined(s1_, pair, of_c, type));
  const at::Tensor large = nearest(refined(s2_, pair, of_s1, type));
  const at::Tensor small = nearest(sd_(entered).front().to(at::kFloat) / kFlowUnit);
  const at::Tensor seen = at::cat({pair.slice(1, 0, 3), small, large, channel_norm(small), channel_norm(large),
                                   explain(pair, small).error, explain(pair, large).error},
                                  1);  // [B, 11, H, W]
  return fusion_(nn::enter(seen, type)).to(at::kFloat);
}

}  // namespace weft::flow
