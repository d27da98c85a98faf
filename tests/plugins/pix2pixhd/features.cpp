#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/weights/weight_file.h"
#include "plugins/pix2pixhd/k_means.h"
#include "plugins/pix2pixhd/region_samples.h"
#include "tests/plugins/text_files.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

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
class Clusters : public TextFiles {
 protected:
  void SetUp() override {
    TextFiles::SetUp();
    file_ = path("clusters.safetensors");
    ids_.narrow(3, 0, 8).fill_(26001);
    features_.narrow(3, 0, 8).fill_(1);
    ids_.narrow(3, 8, 8).fill_(26002);
    features_.narrow(3, 8, 8).fill_(3);
    ids_[0][0][0][0] = 7;
    NodeRunner node("pix2pixhd.write_features");
    node.set("path", file_).input("feature", features_).input("instances", ids_).run();
    node.sink().finish(node.context());
  }

  std::string file_;
  at::Tensor ids_ = at::zeros({1, 1, 8, 16}, at::kLong);
  at::Tensor features_ = at::zeros({1, 1, 8, 16});
};

TEST_F(Clusters, OfLargeInstancesAreWrittenByClass) {
  const weights::WeightFile file = weights::read_weights(file_);
  ASSERT_EQ(file.tensors.size(), 1U);
  EXPECT_EQ(file.tensors[0].first, "26");
  EXPECT_TRUE(at::equal(std::get<0>(file.tensors[0].second.sort(0)), at::tensor({1.0F, 3.0F}).view({2, 1})));
}

TEST_F(Clusters, EachInstanceIsPaintedWithACentreOfItsClassAndKeepsIt) {
  NodeRunner node("pix2pixhd.draw_features");
  node.set("path", file_).set("features", int64_t{1}).input("instances", ids_);
  const at::Tensor first = node.run().tensor("feature");
  EXPECT_EQ(first[0][0][0][0].item<float>(), 0);  // class 7 has no centres
  for (const int64_t column : {1, 9}) {
    const auto value = first[0][0][3][column].item<float>();
    EXPECT_TRUE(value == 1 || value == 3) << value;
  }
  EXPECT_TRUE(at::equal(node.run().tensor("feature"), first));
}

TEST_F(Clusters, OfOtherChannelsAreRefused) {
  NodeRunner node("pix2pixhd.draw_features");
  node.set("path", file_).set("features", int64_t{2}).input("instances", ids_);
  EXPECT_EQ(error_text([&] { node.run(); }),
            file_ +
                ": is no file of clusters with 2 channels: it holds \"26\" [2, 1]\n  pix2pixhd.write_features writes "
                "one: a tensor [clusters, channels] for each class, named by its number");
}

}  // namespace
}  // namespace weft
