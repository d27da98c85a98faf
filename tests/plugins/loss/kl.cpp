#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>

namespace weft {
namespace {

using testing::error_text;
using testing::NodeRunner;

TEST(LossKl, IsZeroForTheStandardGaussian) {
  NodeRunner node("loss.kl");
  node.input("mean", at::zeros({2, 3})).input("log_variance", at::zeros({2, 3}));
  EXPECT_EQ(node.run().tensor("value").item<float>(), 0);
}

TEST(LossKl, SumsOverComponentsAndBatchOrAveragesTheBatch) {
  const at::Tensor mean = at::tensor({1.0F, 2.0F}).view({2, 1}), log_variance = at::tensor({0.0F, 1.0F}).view({2, 1});
  // (mean^2 + variance - 1 - log variance) / 2.
  const double sum = (1 + 1 - 1 - 0) / 2.0 + (4 + std::exp(1.0) - 1 - 1) / 2;
  NodeRunner all("loss.kl"), each("loss.kl");
  all.input("mean", mean).input("log_variance", log_variance);
  each.set("batch", "mean").input("mean", mean).input("log_variance", log_variance);
  EXPECT_NEAR(all.run().tensor("value").item<float>(), sum, 1e-6);
  EXPECT_NEAR(each.run().tensor("value").item<float>(), sum / 2, 1e-6);
}

TEST(LossKl, RefusesVariancesOfAnotherShape) {
  NodeRunner node("loss.kl");
  node.input("mean", at::zeros({2, 3})).input("log_variance", at::zeros({2, 2}));
  EXPECT_EQ(error_text([&] { node.run(); }),
            "loss.kl needs mean and log variance of one shape, but they are [2, 3] and [2, 2]");
}

}  // namespace
}  // namespace weft
