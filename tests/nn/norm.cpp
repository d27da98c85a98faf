#include "framework/nn/layers.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/randn.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

namespace weft {
namespace {

using Kind = nn::NormOptions::Kind;

class Norm : public ::testing::TestWithParam<std::tuple<Kind, int64_t>> {
 protected:
  struct Learnt {
    at::Tensor map, gradient, mean, variance;
  };

  /// One pass of learning through a new norm, in the layout that `x` has.
  Learnt learn(const at::Tensor& x, const at::Tensor& slope) const {
    nn::Module root;
    nn::Norm2d norm(root, "", x.size(1), {.kind = std::get<Kind>(GetParam()), .update = true});
    root.initialise(at::make_generator<at::CPUGeneratorImpl>(1));
    const at::Tensor in = x.detach().requires_grad_(true);
    Learnt learnt;
    learnt.map = norm(in);
    torch::autograd::backward({(learnt.map * slope).sum()});
    learnt.gradient = in.grad();
    for (const auto& [key, parameter] : root.tensors()) {
      if (key == "running_mean") learnt.mean = **parameter;
      if (key == "running_var") learnt.variance = **parameter;
    }
    return learnt;
  }

  int64_t batch() const { return std::get<int64_t>(GetParam()); }
};

void expect_near(const at::Tensor& a, const at::Tensor& b, double tolerance) {
  EXPECT_LE((a - b).abs().max().item<double>(), tolerance * b.abs().max().item<double>());
}

TEST_P(Norm, LearnsTheSameInEachLayout) {
  at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(2);
  // Far from 0, as maps after a bias are.
  const at::Tensor x = at::randn({batch(), 6, 24, 32}, generator) * 0.5 + 40, slope = at::randn(x.sizes(), generator);
  const Learnt contiguous = learn(x, slope), channels_last = learn(x.contiguous(at::MemoryFormat::ChannelsLast), slope);
  expect_near(channels_last.map, contiguous.map, 1e-4);
  expect_near(channels_last.gradient, contiguous.gradient, 1e-4);
  expect_near(channels_last.mean, contiguous.mean, 1e-6);
  expect_near(channels_last.variance, contiguous.variance, 1e-4);
}

TEST_P(Norm, AMapThatIsTheSameEverywhereStaysSoChannelsLast) {
  const at::Tensor x = at::full({batch(), 6, 24, 32}, 0.3).contiguous(at::MemoryFormat::ChannelsLast);
  const Learnt learnt = learn(x, x);
  EXPECT_EQ(learnt.map.abs().max().item<double>(), 0);
  expect_near(learnt.mean, at::full({6}, 0.03), 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Kinds, Norm,
                         ::testing::Combine(::testing::Values(Kind::Batch, Kind::Instance), ::testing::Values(1, 3)));

}  // namespace
}  // namespace weft
