#include "tests/bench/bare_training.h"

#include "framework/base/text.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/abs.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

namespace weft::bench {
namespace {

constexpr int64_t kLayers = 3;  // that halve the map
constexpr double kMatch = 10, kFlow = 10, kWarp = 10;

at::Tensor distance(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().mean();
}

at::Tensor distance(const at::Tensor& a, const at::Tensor& b, const at::Tensor& mask) {
  return distance(a * mask, b * mask);
}

/// Every `step`-th of the last frames, `count` of them, oldest first, as channels; undefined while there are too few.
at::Tensor window(const std::deque<at::Tensor>& frames, int64_t count, int64_t step) {
  const auto size = static_cast<int64_t>(frames.size());
  if (size <= (count - 1) * step) return {};
  std::vector<at::Tensor> picked;
  for (int64_t i = count - 1; i >= 0; --i) picked.push_back(frames[static_cast<size_t>(size - 1 - i * step)]);
  return at::cat(picked, 1);
}

bool learns(const std::string& key) {
  return key.ends_with(".weight") || key.ends_with(".bias");
}

}  // namespace

BareTraining::BareTraining(std::map<std::string, Parameters> networks, BareGenerator::Size size)
    : networks_(std::move(networks)), generator_(networks_.at("F"), BareGenerator::Style::AsOriginal, size) {
  for (auto& [name, parameters] : networks_) {
    Learner& learner = learners_[name];
    for (auto& [key, tensor] : parameters) {
      if (!learns(key)) continue;
      tensor.requires_grad_(true);
      learner.parameters.push_back(tensor);
      learner.means.push_back(at::zeros_like(tensor));
      learner.squares.push_back(at::zeros_like(tensor));
    }
  }
}

BareTraining::Verdict BareTraining::judge(const std::string& network, at::Tensor x) const {
  const Parameters& of = networks_.at(network);
  Verdict verdict;
  for (int64_t layer = 0; layer <= kLayers + 1; ++layer) {
    const std::string conv = text("scale0_layer", layer, ".0"), norm = text("scale0_layer", layer, ".1");
    x = at::conv2d(x, of.at(conv + ".weight"), of.at(conv + ".bias"), layer < kLayers ? 2 : 1, 2);
    if (layer > kLayers) break;
    if (layer > 0) {
      x = at::batch_norm(x, of.at(norm + ".weight"), of.at(norm + ".bias"), of.at(norm + ".running_mean"),
                         of.at(norm + ".running_var"), true, 0.1, 1e-5, false);
    }
    x = at::leaky_relu(x, 0.2);
    verdict.features.push_back(x);
  }
  verdict.score = x;
  return verdict;
}

BareTraining::Judged BareTraining::compare(const std::string& network, const at::Tensor& conditions,
                                           const at::Tensor& real, const at::Tensor& fake) const {
  const auto seen = [&](const at::Tensor& frames) {
    return network == "D" ? at::cat({conditions, frames}, 1) : at::cat({frames, conditions / 20}, 1);
  };
  const Verdict of_real = judge(network, seen(real)), of_fake = judge(network, seen(fake.detach())),
                of_drawn = judge(network, seen(fake));
  Judged judged;
  judged.discriminator = ((of_real.score - 1).square().mean() + of_fake.score.square().mean()) * 0.5;
  judged.generator = (of_drawn.score - 1).square().mean();
  for (size_t i = 0; i < of_drawn.features.size(); ++i) {
    const double layer = 4.0 / static_cast<double>(kLayers + 1);
    judged.generator =
        judged.generator + distance(of_drawn.features[i], of_real.features[i].detach()) * (layer * kMatch);
  }
  return judged;
}

std::vector<double> BareTraining::train(const TrainingClip& clip) {
  std::vector<at::Tensor> past = {clip.real[0], clip.real[1]};
  History history;
  std::vector<double> losses;
  const auto frames = static_cast<int64_t>(clip.real.size());
  for (int64_t begin = kGiven; begin + kChunk <= frames; begin += kChunk)
    losses.push_back(train_chunk(clip, begin, past, history));
  return losses;
}

double BareTraining::train_chunk(const TrainingClip& clip, int64_t begin, std::vector<at::Tensor>& past,
                                 History& history) {
  std::vector<at::Tensor> s, real, before, fake, fake_before, raw, flow, flow_real, visible;
  for (int64_t i = begin; i < begin + kChunk; ++i) {
    const auto t = static_cast<size_t>(i);
    for (at::Tensor& frame : past) frame = frame.detach();
    const BareGenerator::Drawn drawn =
        generator_.draw({clip.s[t - 2], clip.s[t - 1], clip.s[t]}, past, clip.foreground[t]);
    s.push_back(clip.s[t]);
    real.push_back(clip.real[t]);
    before.push_back(clip.real[t - 1]);
    fake.push_back(drawn.image);
    fake_before.push_back(past.back());
    raw.push_back(drawn.raw);
    flow.push_back(drawn.flow);
    flow_real.push_back(clip.flow[t]);
    visible.push_back(clip.visible[t]);
    past = {past[1], drawn.image};
    history.real.push_back(clip.real[t]);
    history.fake.push_back(drawn.image);
    history.flow.push_back(clip.flow[t]);
  }
  const auto folded = [](const std::vector<at::Tensor>& frames) { return at::cat(frames, 0); };  // [2, C, H, W]
  const at::Tensor all_s = folded(s), all_real = folded(real), mask = folded(visible), reference = folded(flow_real);
  const Judged final = compare("D", all_s, all_real, folded(fake)),
               unblended = compare("D", all_s, all_real, folded(raw));
  at::Tensor generator = final.generator + unblended.generator;
  generator = generator + distance(folded(flow), reference, mask) * kFlow;
  generator = generator + distance(warp(folded(before), folded(flow)), all_real, mask) * kWarp;
  generator = generator + distance(folded(fake), warp(folded(fake_before), reference).detach(), mask) * kWarp;
  std::map<std::string, at::Tensor> judges = {{"D", final.discriminator + unblended.discriminator}};
  for (int64_t scale = 0, step = 1; scale < kClipScales; ++scale, step *= 3) {
    const at::Tensor of_real = window(history.real, 3, step), of_fake = window(history.fake, 3, step);
    if (!of_real.defined()) continue;
    const std::string network = text("D_T", scale);
    const Judged judged = compare(network, window(history.flow, 2, step), of_real, of_fake);
    generator = generator + judged.generator;
    judges[network] = judged.discriminator;
  }
  learn("F", generator);
  for (const auto& [network, loss] : judges) learn(network, loss);
  for (auto* frames : {&history.real, &history.fake, &history.flow}) {
    for (at::Tensor& frame : *frames) frame = frame.detach();
    while (frames->size() > 6) frames->pop_front();
  }
  return generator.item<double>();
}

/// The gradients of all networks that the loss depends on, and Adam for those of one.
void BareTraining::learn(const std::string& network, const at::Tensor& loss) {
  for (const at::Tensor& parameter : learners_.at(network).parameters) parameter.mutable_grad() = at::Tensor();
  torch::autograd::backward({loss});
  const c10::NoGradGuard no_gradients;
  Learner& learner = learners_.at(network);
  ++learner.steps;
  const double first = 0.5, second = 0.999, steps = static_cast<double>(learner.steps);
  const double rate = kRate / (1 - std::pow(first, steps)), scale = std::sqrt(1 - std::pow(second, steps));
  for (size_t i = 0; i < learner.parameters.size(); ++i) {
    at::Tensor &parameter = learner.parameters[i], &mean = learner.means[i], &square = learner.squares[i];
    const at::Tensor gradient = parameter.grad();
    if (!gradient.defined()) continue;
    mean.mul_(first).add_(gradient, 1 - first);
    square.mul_(second).addcmul_(gradient, gradient, 1 - second);
    parameter.addcdiv_(mean, square.sqrt().div_(scale).add_(1e-8), -rate);
  }
}

}  // namespace weft::bench
