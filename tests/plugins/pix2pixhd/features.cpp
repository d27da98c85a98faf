#include "framework/nn/module.h"
#include "framework/node/archive.h"
#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/weights/fill.h"
#include "framework/weights/safetensors.h"
#include "framework/weights/weight_file.h"
#include "plugins/pix2pixhd/k_means.h"
#include "plugins/pix2pixhd/region_samples.h"
#include "tests/plugins/text_files.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <map>

namespace weft {
namespace {

using testing::error_text;
using testing::NodeRunner;
using testing::TextFiles;

TEST(RegionSamples, TakesTheMiddlePixelAndTheAreaOfEachInstance) {
  // An image of 8x8: class 7 (id 7) has the first 40 pixels, cars 26001 and 26002 have 16 and 8.
  at::Tensor ids = at::zeros({64}, at::kLong);
  ids.narrow(0, 0, 40).fill_(7);
  ids.narrow(0, 40, 16).fill_(26002);
  ids.narrow(0, 56, 8).fill_(26001);
  const at::Tensor features = at::arange(64, at::kFloat).view({1, 8, 8});
  const auto samples = pix2pixhd::region_samples(features, ids.view({8, 8}));
  ASSERT_EQ(samples.size(), 2U);
  // Pixel 20 of 40; 56 + 4 and 40 + 8, in the order of the ids. An area of 1 is 64 / 32 = 2 pixels.
  EXPECT_TRUE(at::equal(samples.at(7), at::tensor({20.0F, 20.0F}).view({1, 2})));
  EXPECT_TRUE(at::equal(samples.at(26), at::tensor({60.0F, 4.0F, 48.0F, 8.0F}).view({2, 2})));
}

at::Generator generator() {
  return at::make_generator<at::CPUGeneratorImpl>(1);
}

TEST(KMeans, FindsClustersThatAreApart) {
  const at::Tensor rows = at::tensor({0.0F, 0.2F, 10.0F, 10.2F, 10.4F, -7.0F}).view({6, 1});
  const at::Tensor centres = std::get<0>(pix2pixhd::k_means(rows, 3, generator()).sort(0));
  EXPECT_TRUE(at::allclose(centres, at::tensor({-7.0F, 0.1F, 10.2F}).view({3, 1})));
}

TEST(KMeans, OfOneClusterIsTheMean) {
  const at::Tensor rows = at::tensor({1.0F, 2.0F, 6.0F}).view({3, 1});
  EXPECT_FLOAT_EQ(pix2pixhd::k_means(rows, 1, generator()).item<float>(), 3);
}

TEST(KMeans, EqualRowsMayBeFewerThanClusters) {
  const at::Tensor rows = at::zeros({4, 2});
  EXPECT_TRUE(at::equal(pix2pixhd::k_means(rows, 3, generator()), at::zeros({3, 2})));
}

/// Two instances of class 26 with the features 1 and 3, and one of class 7, too small to count.
class Features : public TextFiles {
 protected:
  void SetUp() override {
    TextFiles::SetUp();
    file_ = path("features.safetensors");
    ids_.narrow(3, 0, 8).fill_(26001);
    features_.narrow(3, 0, 8).fill_(1);
    ids_.narrow(3, 8, 8).fill_(26002);
    features_.narrow(3, 8, 8).fill_(3);
    ids_[0][0][0][0] = 7;
  }

  void write_features(const std::string& fit, int64_t clusters = 10) const {
    NodeRunner node("pix2pixhd.write_features");
    node.set("path", file_).set("fit", fit).set("clusters", clusters);
    node.input("feature", features_).input("instances", ids_).run();
    node.sink().finish(node.context());
  }

  /// The features of a frame, drawn from a file with this seed.
  static at::Tensor drawn(const std::string& file, const at::Tensor& ids, uint64_t seed = 1, int64_t features = 1) {
    NodeRunner node("pix2pixhd.draw_features", NodeRunner::built_plugins(), at::kCPU, seed);
    return node.set("path", file).set("features", features).input("instances", ids).run().tensor("feature");
  }

  /// What is said of a file with these tensors, without the file's name and the hint.
  std::string fault(const std::vector<std::pair<std::string, at::Tensor>>& tensors, int64_t features = 1) const {
    weights::write_safetensors(file_, {tensors, {}});
    const std::string all = error_text([&] { drawn(file_, ids_, 1, features); });
    EXPECT_TRUE(all.starts_with(file_ + ": ")) << all;
    return all.substr(file_.size() + 2, all.find('\n') - file_.size() - 2);
  }

  std::string file_;
  at::Tensor ids_ = at::zeros({1, 1, 8, 16}, at::kLong);
  at::Tensor features_ = at::zeros({1, 1, 8, 16});
};

TEST_F(Features, OfLargeInstancesAreWrittenByClassAsClusters) {
  write_features("k_means");
  const weights::WeightFile file = weights::read_weights(file_);
  ASSERT_EQ(file.tensors.size(), 1U);
  EXPECT_EQ(file.tensors[0].first, "26");
  EXPECT_TRUE(at::equal(std::get<0>(file.tensors[0].second.sort(0)), at::tensor({1.0F, 3.0F}).view({2, 1})));
}

TEST_F(Features, OfLargeInstancesAreWrittenByClassAsAMixture) {
  write_features("gaussians", 1);
  std::map<std::string, at::Tensor> tensors;
  for (const auto& [name, tensor] : weights::read_weights(file_).tensors) tensors[name] = tensor;
  ASSERT_EQ(tensors.size(), 3U);
  EXPECT_EQ(tensors.at("26.weights").item<double>(), 1);
  EXPECT_EQ(tensors.at("26.means").item<double>(), 2);
  // The variance of 1 and 3 is 1; the prior, a thousandth of it, is divided by the two samples.
  EXPECT_NEAR(tensors.at("26.covariances").item<double>(), 1.0005, 1e-12);
}

TEST_F(Features, AreOneOfTheClustersAndStayThroughASequence) {
  write_features("k_means");
  NodeRunner node("pix2pixhd.draw_features");
  node.set("path", file_).set("features", int64_t{1}).input("instances", ids_);
  const at::Tensor first = node.run().tensor("feature");
  EXPECT_EQ(first[0][0][0][0].item<float>(), 0);  // the file does not have class 7
  for (const int64_t column : {1, 9}) {
    const auto value = first[0][0][3][column].item<float>();
    EXPECT_TRUE(value == 1 || value == 3) << value;
  }
  EXPECT_TRUE(at::equal(node.run().tensor("feature"), first));
}

TEST_F(Features, FollowAnInstanceThatMovesAndAreDrawnForOneThatComes) {
  write_features("gaussians");
  NodeRunner node("pix2pixhd.draw_features");
  node.set("path", file_).set("features", int64_t{1}).input("instances", ids_);
  const at::Tensor first = node.run().tensor("feature");
  const float left = first[0][0][3][1].item<float>(), right = first[0][0][3][9].item<float>();
  EXPECT_NE(left, right);
  node.input("instances", at::cat({ids_.flip(3).narrow(3, 0, 12), at::full({1, 1, 8, 4}, 26003, at::kLong)}, 3));
  const at::Tensor second = node.run().tensor("feature");
  EXPECT_EQ(second[0][0][3][1].item<float>(), right);
  EXPECT_EQ(second[0][0][3][9].item<float>(), left);
  EXPECT_NE(second[0][0][3][14].item<float>(), left);
  node.node().reset();
  EXPECT_FALSE(at::equal(node.run().tensor("feature"), second)) << "a new sequence at a later frame draws anew";
}

TEST_F(Features, AreTheSameForTheSameSeedAndOthersForAnother) {
  write_features("gaussians");
  EXPECT_TRUE(at::equal(drawn(file_, ids_, 1), drawn(file_, ids_, 1)));
  EXPECT_FALSE(at::equal(drawn(file_, ids_, 1), drawn(file_, ids_, 2)));
}

TEST_F(Features, OfAnInstanceDoNotDependOnThoseBesideIt) {
  write_features("gaussians");
  const at::Tensor alone = at::full({1, 1, 8, 16}, 26002, at::kLong);
  EXPECT_EQ(drawn(file_, alone)[0][0][0][0].item<float>(), drawn(file_, ids_)[0][0][3][9].item<float>());
}

TEST_F(Features, DrawnOftenHaveTheMomentsOfTheMixture) {
  // A quarter at (0, 0) with the deviations 1 and 2, three quarters at (4, 0) with none to speak of.
  const at::Tensor covariances =
      at::stack({at::tensor({1.0, 0.0, 0.0, 4.0}, at::kDouble).view({2, 2}), 1e-6 * at::eye(2, at::kDouble)});
  const at::Tensor means = at::tensor({0.0, 0.0, 4.0, 0.0}, at::kDouble).view({2, 2});
  weights::write_safetensors(
      file_,
      {{{"26.weights", at::tensor({0.25, 0.75}, at::kDouble)}, {"26.means", means}, {"26.covariances", covariances}},
       {}});
  constexpr int64_t kCount = 1000;  // as many instances as a class can have
  const at::Tensor ids = (26000 + at::arange(kCount)).view({1, 1, 1, kCount});
  const at::Tensor rows = drawn(file_, ids, 1, 2)[0].flatten(1).to(at::kDouble);  // [2, N]
  // The mean is 3 and the variance 0.25 + 0.1875 * 16 = 3.25 in x, 0 and 1 in y. Four standard errors.
  EXPECT_NEAR(rows[0].mean().item<double>(), 3, 4 * std::sqrt(3.25 / kCount));
  EXPECT_NEAR(rows[1].mean().item<double>(), 0, 4 * std::sqrt(1.0 / kCount));
  EXPECT_NEAR(rows[0].var().item<double>(), 3.25, 0.65);  // the fourth moment is 30: sqrt(30 - 3.25^2) / sqrt(N) = 0.14
  EXPECT_NEAR(rows[1].var().item<double>(), 1, 0.5);      // the fourth moment is 12: sqrt(12 - 1) / sqrt(N) = 0.1
}

TEST_F(Features, GoOnFromASavedState) {
  write_features("gaussians");
  NodeRunner node("pix2pixhd.draw_features");
  node.set("path", file_).set("features", int64_t{1}).input("instances", ids_).run();
  Archive saved;
  node.node().state(saved);
  NodeRunner other("pix2pixhd.draw_features", NodeRunner::built_plugins(), at::kCPU, 5);
  other.set("path", file_).set("features", int64_t{1}).input("instances", ids_).run();
  Archive restoring(saved.entries());
  other.node().state(restoring);
  EXPECT_TRUE(at::equal(other.run().tensor("feature"), node.tensor("feature")));
}

TEST_F(Features, OfTwoSeedsGiveDifferentImages) {
  write_features("gaussians");
  const auto image = [&](uint64_t seed) {
    NodeRunner generator("pix2pixhd.global_generator");
    generator.set("features", int64_t{4}).set("down", int64_t{1}).set("blocks", int64_t{1});
    generator.input("s", drawn(file_, ids_, seed));
    for (const auto& [key, parameter] : generator.module().tensors()) {
      parameter->set(weights::fill(key, parameter->shape()));
    }
    return generator.run().tensor("image");
  };
  const auto diversity = [&](uint64_t a, uint64_t b) {
    NodeRunner metric("metric.diversity");
    return metric.input("image", image(a)).input("image", image(b)).run().tensor("value").item<double>();
  };
  EXPECT_EQ(diversity(1, 1), 0);
  EXPECT_GT(diversity(1, 2), 1e-3);
}

TEST_F(Features, OfOtherChannelsAreRefused) {
  write_features("k_means");
  const std::string hint =
      "\n  pix2pixhd.write_features writes one: for each class, named by its number, \"26\" [clusters, channels], or "
      "\"26.weights\" [clusters], \"26.means\" [clusters, channels] and \"26.covariances\" [clusters, channels, "
      "channels]; a file of samples, such as features.npy, needs `fit`";
  EXPECT_EQ(error_text([&] { drawn(file_, ids_, 1, 2); }),
            file_ + ": is no file of features with 2 channels: it holds \"26\" [2, 1]" + hint);
  write_features("gaussians");
  EXPECT_EQ(error_text([&] { drawn(file_, ids_, 1, 2); }),
            file_ + ": is no file of features with 2 channels: it holds \"26.means\" [2, 1]" + hint);
}

TEST_F(Features, OfOtherClassesAreRefused) {
  EXPECT_EQ(fault({{"3", at::zeros({1, 1})}, {"11", at::zeros({1, 1})}}),
            "has features of other classes: 3, 11; the instances belong to 7, 26");
}

TEST_F(Features, OfAFileThatHoldsSomethingElseAreRefused) {
  const std::string begin = "is no file of features with 1 channel: ";
  const at::Tensor one = at::ones({1}), row = at::ones({1, 1}), square = at::ones({1, 1, 1});
  EXPECT_EQ(fault({{"model.1.weight", row}}), begin + "it holds \"model.1.weight\" [1, 1]");
  EXPECT_EQ(fault({{"26", at::ones({1, 1}, at::kLong)}}), begin + "it holds \"26\" [1, 1]");
  EXPECT_EQ(fault({{"26", at::zeros({0, 1})}}), begin + "no class has features");
  EXPECT_EQ(fault({{"26", row}, {"26.means", row}}), begin + "it has no \"26.weights\"");
  EXPECT_EQ(fault({{"26.weights", one}, {"26.means", row}}), begin + "it has no \"26.covariances\"");
  EXPECT_EQ(fault({{"26.weights", one}, {"26.means", row}, {"26.covariances", square}, {"26.names", one}}),
            begin + "it holds \"26.names\" [1]");
  EXPECT_EQ(fault({{"26.weights", one}, {"26.means", at::ones({2, 1})}, {"26.covariances", square}}),
            begin + "it holds \"26.means\" [2, 1]");
  EXPECT_EQ(fault({{"26.weights", one / 2}, {"26.means", row}, {"26.covariances", square}}),
            begin + "of class 26, the weights are not shares with the sum 1");
  EXPECT_EQ(fault({{"26.weights", one}, {"26.means", row}, {"26.covariances", -square}}),
            begin + "of class 26, a covariance is not symmetric and positive definite");
  EXPECT_EQ(fault({{"26.weights", one}, {"26.means", row / 0}, {"26.covariances", square}}),
            "\"26.means\" has numbers that are not finite");
}

TEST_F(Features, OfATruncatedFileAreRefused) {
  write_features("gaussians");
  std::filesystem::resize_file(file_, std::filesystem::file_size(file_) - 1);
  const std::string fault = error_text([&] { drawn(file_, ids_); });
  EXPECT_THAT(fault, ::testing::StartsWith(file_ + ": is damaged or was cut off: "));
}

/// The samples of tests/weights/npy: of class 7 the features (0.5, -0.25) with the area 1, and (0, 2) with the area -1.5, which
/// is too small; class 26 has none.
class Samples : public Features {
 protected:
  Samples() {
    const at::Tensor samples = at::tensor({0.5F, -0.25F, 1.0F, 0.0F, 2.0F, -1.5F}).view({2, 3});
    samples_ = {{"7", samples}, {"26", at::zeros({0, 3})}};
  }

  NodeRunner& fitted(NodeRunner& node, const std::string& file, const std::string& fit) const {
    node.set("path", file).set("fit", fit).set("features", int64_t{2});
    return node.input("instances", at::full({1, 1, 2, 2}, 7, at::kLong));
  }

  std::vector<std::pair<std::string, at::Tensor>> samples_;
};

TEST_F(Samples, AreFittedBeforeFeaturesAreDrawn) {
  weights::write_safetensors(file_, {samples_, {}});
  NodeRunner points("pix2pixhd.draw_features"), gaussians("pix2pixhd.draw_features");
  fitted(points, file_, "k_means").run();
  EXPECT_TRUE(at::equal(points.tensor("feature")[0].select(2, 0).select(1, 0), at::tensor({0.5F, -0.25F})));
  fitted(gaussians, file_, "gaussians").run();  // with the smallest deviation, 0.001
  EXPECT_TRUE(
      at::allclose(gaussians.tensor("feature")[0].select(2, 0).select(1, 0), at::tensor({0.5F, -0.25F}), 0, 0.01));
}

TEST_F(Samples, AreReadFromFilesOfNumPy) {
  NodeRunner node("pix2pixhd.draw_features");
  fitted(node, WEFT_SOURCE_DIR "/tests/weights/npy/samples.npy", "k_means").run();
  EXPECT_TRUE(at::equal(node.tensor("feature")[0].select(2, 0).select(1, 0), at::tensor({0.5F, -0.25F})));
}

TEST_F(Samples, UnderANameThatIsNoClassAreRefused) {
  NodeRunner node("pix2pixhd.draw_features");
  const std::string file = WEFT_SOURCE_DIR "/tests/weights/npy/python_2.npy";
  EXPECT_THAT(
      error_text([&] { fitted(node, file, "k_means").run(); }),
      ::testing::StartsWith(file + ": is no file of samples with 2 channels and an area: it holds \"cars\" [2, 3]"));
}

TEST_F(Samples, NeedTheParameterFit) {
  EXPECT_EQ(fault(samples_, 2), "is no file of features with 2 channels: it holds \"7\" [2, 3]");
}

TEST_F(Samples, OfSmallInstancesAloneAreRefused) {
  weights::write_safetensors(file_, {{{"7", samples_[0].second.narrow(0, 1, 1)}}, {}});
  NodeRunner node("pix2pixhd.draw_features");
  EXPECT_EQ(
      error_text([&] { fitted(node, file_, "gaussians").run(); }),
      file_ +
          ": is no file of samples with 2 channels and an area: no class has an instance that covers more than 1/64 "
          "of an image\n  the encode_features.py of pix2pixHD writes one, features.npy: for each class, named by its "
          "number, a table [instances, channels + 1]");
}

}  // namespace
}  // namespace weft
