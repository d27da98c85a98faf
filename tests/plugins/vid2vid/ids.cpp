// Networks whose first layer computes with the ids of one-hot conditions, against the same networks on their maps.
#include "framework/testing/node_runner.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randint.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using nn::MapOrIds;
using testing::NodeRunner;

constexpr int64_t kHeight = 16, kWidth = 24;

/// Conditions of two clips: five classes and edges, one pixel in six without a class.
MapOrIds conditions(uint64_t seed) {
  const at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  const at::Tensor ids = at::randint(6, {2, 2, kHeight, kWidth}, generator, at::TensorOptions(at::kLong));
  ids.select(1, 1).clamp_(0, 1);
  return std::make_shared<const nn::OneHot>(ids.to(at::kShort), std::vector<int64_t>{5, 1}, at::kFloat);
}

Value window(bool by_ids) {
  std::vector<MapOrIds> frames;
  for (uint64_t t = 0; t < 3; ++t) frames.push_back(by_ids ? conditions(t) : MapOrIds(conditions(t).map()));
  return {std::move(frames)};
}

at::Tensor past_frames() {
  const at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(9);
  return at::rand({2, 2, 3, kHeight, kWidth}, generator) * 2 - 1;
}

/// The node's first output, with weights drawn from a seed, and the gradient of its first weight.
struct Result {
  at::Tensor output, gradient;
};
Result result_of(NodeRunner& node, const std::string& output) {
  nn::Module& network = node.module();
  network.initialise(at::make_generator<at::CPUGeneratorImpl>(1));
  at::Tensor first = **network.tensors()[0].parameter;
  first.requires_grad_();
  node.run();
  node.tensor(output).square().sum().backward();
  return {node.tensor(output).detach(), first.grad()};
}

// The norms amplify what the first layer rounds differently: by about 100 at these sizes.
void expect_same(const Result& ids, const Result& map) {
  const auto expect_near = [](const at::Tensor& a, const at::Tensor& b) {
    EXPECT_LE((a - b).abs().max().item<double>(), 1e-3 * b.abs().max().item<double>());
    EXPECT_GT(b.abs().max().item<double>(), 0);
  };
  expect_near(ids.output, map.output);
  expect_near(ids.gradient, map.gradient);
}

TEST(Trunk, ComputesWithIdsWhatItDoesWithMaps) {
  const auto computed = [](bool by_ids) {
    NodeRunner trunk("vid2vid.trunk");
    trunk.set("features", int64_t{8}).set("blocks", int64_t{1}).set("down", int64_t{1});
    return result_of(trunk.input("s", window(by_ids)).input("x", past_frames()), "feature");
  };
  expect_same(computed(true), computed(false));
}

TEST(Foreground, ComputesWithIdsWhatItDoesWithMaps) {
  const auto computed = [](bool by_ids) {
    NodeRunner foreground("vid2vid.foreground");
    foreground.set("features", int64_t{8}).set("blocks", int64_t{1}).set("down", int64_t{1});
    return result_of(foreground.input("s", window(by_ids)), "image");
  };
  expect_same(computed(true), computed(false));
}

TEST(GlobalGenerator, ComputesWithIdsWhatItDoesWithMaps) {
  const auto computed = [](bool by_ids) {
    NodeRunner generator("vid2vid.global_generator");
    generator.set("features", int64_t{8}).set("blocks", int64_t{1}).set("down", int64_t{1});
    const MapOrIds s = conditions(0);
    return result_of(generator.input("s", by_ids ? Value(s) : Value(s.map())), "image");
  };
  expect_same(computed(true), computed(false));
}

}  // namespace
}  // namespace weft
