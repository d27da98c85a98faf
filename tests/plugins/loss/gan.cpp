#include "framework/gan/judgement.h"
#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/scalar_tensor.h>
#include <gtest/gtest.h>

#include <cmath>

namespace weft {
namespace {

using gan::Judgement;
using gan::Verdict;
using testing::error_text;
using testing::map_of;
using testing::NodeRunner;

/// What a discriminator says at one scale.
Verdict verdict(at::Tensor score, std::vector<at::Tensor> features = {}) {
  return {std::move(features), std::move(score)};
}

/// Two scales; the real value scores {1, 3} and {2}, the fake one {0, -2} and {4}.
Judgement small_judgement() {
  return {{verdict(map_of({{1, 3}})), verdict(map_of({{2}}))}, {{verdict(map_of({{0, -2}})), verdict(map_of({{4}}))}}};
}

struct Losses {
  float generator, real, fake, discriminator;
};

Losses losses_of(NodeRunner& node) {
  node.run();
  const auto number = [&](const char* output) { return node.tensor(output).item<float>(); };
  return {number("generator"), number("real"), number("fake"), number("discriminator")};
}

Losses losses_of(const std::string& kind, const std::string& scales = "sum") {
  NodeRunner node("loss.gan");
  node.set("kind", kind).set("scales", scales).input("in", small_judgement());
  return losses_of(node);
}

TEST(LossGan, LeastSquaresPullsScoresToOneAndZero) {
  const Losses losses = losses_of("least_squares");
  EXPECT_FLOAT_EQ(losses.real, (0 + 4) / 2.0F + 1);
  EXPECT_FLOAT_EQ(losses.fake, (0 + 4) / 2.0F + 16);
  EXPECT_FLOAT_EQ(losses.generator, (1 + 9) / 2.0F + 9);
  EXPECT_FLOAT_EQ(losses.discriminator, losses.real + losses.fake);
}

TEST(LossGan, HingeStopsAtTheMarginForTheDiscriminatorOnly) {
  const Losses losses = losses_of("hinge");
  EXPECT_FLOAT_EQ(losses.real, 0);                   // 1, 3 and 2 are all beyond 1
  EXPECT_FLOAT_EQ(losses.fake, (1 + 0) / 2.0F + 5);  // -2 is beyond -1
  EXPECT_FLOAT_EQ(losses.generator, 1 - 4);
}

TEST(LossGan, VanillaIsTheCrossEntropyOfLogits) {
  const Losses losses = losses_of("vanilla");
  const auto surprise = [](double logit) { return std::log1p(std::exp(-logit)); };
  EXPECT_NEAR(losses.real, (surprise(1) + surprise(3)) / 2 + surprise(2), 1e-6);
  EXPECT_NEAR(losses.fake, (surprise(0) + surprise(2)) / 2 + surprise(-4), 1e-6);
  EXPECT_NEAR(losses.generator, (surprise(0) + surprise(-2)) / 2 + surprise(4), 1e-6);
}

TEST(LossGan, WassersteinIsTheDifferenceOfMeans) {
  const Losses losses = losses_of("wasserstein");
  EXPECT_FLOAT_EQ(losses.real, -2 - 2);
  EXPECT_FLOAT_EQ(losses.fake, -1 + 4);
  EXPECT_FLOAT_EQ(losses.generator, 1 - 4);
}

TEST(LossGan, ScalesCanBeAveraged) {
  EXPECT_FLOAT_EQ(losses_of("least_squares", "mean").fake, ((0 + 4) / 2.0F + 16) / 2);
}

TEST(LossGan, TheRealValueCountsOnceForEachFake) {
  Judgement judgement = small_judgement();
  judgement.fakes.push_back(judgement.fakes.front());
  NodeRunner each("loss.gan"), once("loss.gan");
  each.input("in", judgement);
  once.set("real_counts", "once").input("in", judgement);
  EXPECT_FLOAT_EQ(losses_of(each).real, 2 * 3);
  EXPECT_FLOAT_EQ(losses_of(once).real, 3);
  EXPECT_FLOAT_EQ(losses_of(once).fake, 2 * 18);
}

TEST(LossGan, JudgementsAreSummedUpAndWeighed) {
  NodeRunner node("loss.gan");
  node.input("in", small_judgement()).input("in", small_judgement());
  node.input("weight", at::scalar_tensor(0.5));
  EXPECT_FLOAT_EQ(losses_of(node).generator, 14);
  EXPECT_FLOAT_EQ(losses_of(node).discriminator, 3 + 18);
}

TEST(LossGan, GradientsOfTheGeneratorsLossReachTheFakesOnly) {
  const at::Tensor real = map_of({{1, 3}}).requires_grad_(), fake = map_of({{0, -2}}).requires_grad_();
  NodeRunner node("loss.gan");
  node.input("in", Judgement{{verdict(real)}, {{verdict(fake)}}}).run();
  node.tensor("generator").backward();
  EXPECT_FALSE(real.grad().defined());
  EXPECT_TRUE(fake.grad().equal(map_of({{-1, -3}})));  // 2 (d - 1) / 2
}

TEST(LossGan, RefusesAnUnknownKind) {
  EXPECT_EQ(
      error_text([] { NodeRunner("loss.gan").set("kind", "least squares"); }),
      "`kind` must be one of \"least_squares\", \"hinge\", \"vanilla\" or \"wasserstein\", not \"least squares\"");
}

/// One scale, two layers; the layers of the fake are 1 and 3 away from those of the real value.
Judgement featured(int64_t scales = 1) {
  Judgement judgement;
  judgement.fakes.emplace_back();
  for (int64_t scale = 0; scale < scales; ++scale) {
    judgement.real.push_back(verdict(map_of({{0}}), {map_of({{1, 1}}), map_of({{5, 5}})}));
    judgement.fakes[0].push_back(verdict(map_of({{0}}), {map_of({{2, 0}}), map_of({{2, 8}})}));
  }
  return judgement;
}

float matched(NodeRunner& node) {
  return node.run().tensor("value").item<float>();
}

TEST(LossFeatureMatching, AveragesScalesAndWeighsFourLayersOneEach) {
  NodeRunner one("loss.feature_matching"), two("loss.feature_matching");
  one.input("in", featured());
  two.input("in", featured(2));
  EXPECT_FLOAT_EQ(matched(one), (1 + 3) * 4 / 2.0F);
  EXPECT_FLOAT_EQ(matched(two), (1 + 3) * 4 / 2.0F);
}

TEST(LossFeatureMatching, DivisorAndWeightOfALayerCanBeGiven) {
  NodeRunner node("loss.feature_matching");
  node.set("scales", int64_t{3}).set("layer_weight", 1.0).input("in", featured());
  EXPECT_FLOAT_EQ(matched(node), 4 / 3.0F);
}

TEST(LossFeatureMatching, SumsFakesAndJudgementsUp) {
  Judgement judgement = featured();
  judgement.fakes.push_back(judgement.fakes.front());
  NodeRunner node("loss.feature_matching");
  node.input("in", judgement).input("in", featured()).input("weight", at::scalar_tensor(2.0));
  EXPECT_FLOAT_EQ(matched(node), 2 * (16 + 8));
}

TEST(LossFeatureMatching, TheRealValueIsATarget) {
  const at::Tensor real = map_of({{1, 1}}).requires_grad_(), fake = map_of({{2, 0}}).requires_grad_();
  NodeRunner node("loss.feature_matching");
  node.input("in", Judgement{{verdict(map_of({{0}}), {real})}, {{verdict(map_of({{0}}), {fake})}}}).run();
  node.tensor("value").backward();
  EXPECT_FALSE(real.grad().defined());
  EXPECT_TRUE(fake.grad().equal(map_of({{2, -2}})));  // 4 layers' worth over 2 pixels
}

TEST(LossFeatureMatching, RefusesADiscriminatorThatKeepsNoFeatures) {
  NodeRunner node("loss.feature_matching");
  node.input("in", Judgement{{verdict(map_of({{0}}))}, {{verdict(map_of({{0}}))}}});
  EXPECT_EQ(error_text([&] { node.run(); }),
            "loss.feature_matching compares features, but the discriminator keeps none\n"
            "  set `feature_matching = true` on the discriminator");
}

}  // namespace
}  // namespace weft
