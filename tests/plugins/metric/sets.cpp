#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"
#include "framework/weights/fill.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

namespace weft {
namespace {

using nlohmann::json;
using testing::error_text;
using testing::ids_of;
using testing::NodeRunner;

/// A node that reports to a JSON file when its run is over.
class SetRunner {
 public:
  explicit SetRunner(const std::string& type)
      : node_(type), file_(::testing::TempDir() + "metric_set_" + std::to_string(getpid()) + ".json") {
    node_.set("name", "N").set("json", file_);
  }
  ~SetRunner() { std::filesystem::remove(file_); }
  SetRunner(const SetRunner&) = delete;
  SetRunner& operator=(const SetRunner&) = delete;

  NodeRunner& node() { return node_; }
  void complete() { node_.sink().complete(node_.context()); }
  json report() {
    complete();
    return json::parse(std::ifstream(file_));
  }
  double value(size_t index = 0) { return report().at("numbers").at(index).at("value").get<double>(); }

 private:
  NodeRunner node_;
  std::string file_;
};

/// Vectors as maps of one pixel: [n, D] -> [n, D, 1, 1].
at::Tensor as_maps(const at::Tensor& vectors) {
  return vectors.unsqueeze(2).unsqueeze(3);
}

at::Tensor column(std::vector<double> numbers) {
  return as_maps(at::tensor(numbers, at::kFloat).unsqueeze(1));
}

void give(SetRunner& set, const at::Tensor& real, const at::Tensor& fake) {
  set.node().input("real", real).input("fake", fake).run();
}

TEST(MetricFrechet, OfOneNumberIsThatOfTwoNormalDistributions) {
  SetRunner set("metric.frechet");
  // Means 1 and 6, variances 2 and 8: (1 - 6)^2 + (sqrt 2 - sqrt 8)^2 = 25 + 2.
  give(set, column({0, 2}), column({4, 8}));
  EXPECT_NEAR(set.value(), 27, 1e-12);
}

TEST(MetricFrechet, AddsFramesUpToTheWholeSet) {
  SetRunner whole("metric.frechet"), frames("metric.frechet");
  const at::Tensor real = as_maps(weights::fill_input("real", {30, 4})),
                   fake = as_maps(weights::fill_input("fake", {30, 4}));
  give(whole, real, fake);
  for (int64_t i = 0; i < 30; ++i) give(frames, real.narrow(0, i, 1), fake.narrow(0, i, 1));
  // Sums in double, in another order.
  EXPECT_NEAR(frames.value(), whole.value(), 1e-10);
}

TEST(MetricFrechet, TakesTheSmallerMatrixWithFewerVectorsThanNumbers) {
  // Three vectors of 50 numbers that differ in one of them only: the distance of that number alone, for which the covariance
  // of 50 numbers is computed when there are many.
  SetRunner few("metric.frechet"), alone("metric.frechet");
  at::Tensor real = at::zeros({3, 50}), fake = at::zeros({3, 50});
  real.select(1, 7).copy_(at::tensor(std::vector<float>{0, 1, 5}));
  fake.select(1, 7).copy_(at::tensor(std::vector<float>{2, 2, 3}));
  give(few, as_maps(real), as_maps(fake));
  give(alone, as_maps(real.narrow(1, 7, 1)), as_maps(fake.narrow(1, 7, 1)));
  EXPECT_NEAR(few.value(), alone.value(), 1e-10);
}

TEST(MetricFrechet, OfIdenticalSetsIsZero) {
  SetRunner set("metric.frechet");
  const at::Tensor vectors = as_maps(weights::fill_input("set", {12, 30}));
  give(set, vectors, vectors);
  EXPECT_NEAR(set.value(), 0, 1e-10);
}

TEST(MetricFrechet, ReportsSettingsCountsAndDeviation) {
  SetRunner set("metric.frechet");
  set.node().set("method", "ours").set("covariance", "biased").set("bootstrap", int64_t{50});
  give(set, as_maps(weights::fill_input("real", {40, 3})), as_maps(weights::fill_input("fake", {20, 3})));
  const json report = set.report();
  EXPECT_EQ(report.at("metric"), "N");
  EXPECT_EQ(report.at("method"), "ours");
  EXPECT_EQ(report.at("samples"), "n = 40 and 20, D = 3");
  EXPECT_EQ(report.at("settings"), "mean pooling, covariance by n");
  EXPECT_GT(report.at("numbers").at(0).at("deviation").get<double>(), 0);
}

TEST(MetricFrechet, DeviationIsThatOfTheMeanOfConstantDifferences) {
  // Numbers 0 and 2 in equal parts: the mean of 400 of them varies by 1 / 20, so the squared distance of the means from 100
  // by about 2 x 100 x 0.05 = 10, the other set being constant.
  std::vector<double> numbers(400);
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = i % 2 == 0 ? 0 : 2;
  SetRunner set("metric.frechet");
  set.node().set("bootstrap", int64_t{400});
  give(set, column(numbers), column(std::vector<double>(400, 101)));
  // A deviation of 400 repetitions is right to 1 / sqrt(800): 3.5 %; three times of it.
  EXPECT_NEAR(set.report().at("numbers").at(0).at("deviation").get<double>(), 10, 1.1);
}

TEST(MetricFrechet, RefusesOneVectorAndNumbersThatAreNotFinite) {
  SetRunner one("metric.frechet"), faulty("metric.frechet");
  give(one, column({1}), column({1, 2}));
  EXPECT_EQ(
      error_text([&] { one.complete(); }),
      "a Fréchet distance needs at least two feature vectors of each set, but `real` has 1\n  run over more frames "
      "or sequences");
  EXPECT_EQ(
      error_text([&] {
        give(faulty, column({1, 2}), column({1, std::nan("")}));
      }),
      "the input `fake` has numbers that are not finite, at frame 0\n  --peek of the stream shows where they begin");
}

TEST(MetricFrechet, RefusesVectorsOfDifferentLengths) {
  SetRunner set("metric.frechet");
  EXPECT_EQ(error_text([&] {
              give(set, as_maps(at::zeros({4, 3})), as_maps(at::zeros({4, 5})));
            }),
            "input `fake` wants feature[N,C,M,K], but C is 3 elsewhere and 5 here");
}

TEST(MetricFrechet, RefusesAnEmptyRun) {
  SetRunner set("metric.frechet");
  EXPECT_EQ(
      error_text([&] { set.complete(); }),
      "a Fréchet distance needs at least two feature vectors of each set, but `real` has 0\n  run over more frames "
      "or sequences");
}

TEST(MetricKernelDistance, OfTwoNumbersEachIsThePolynomialByHand) {
  SetRunner set("metric.kernel_distance");
  set.node().set("subsets", int64_t{0});
  give(set, column({0, 1}), column({2, 3}));
  // (ab + 1)^3: within 1 = k(0, 1), within 343 = k(2, 3), between the mean of 1, 1, 27, 64.
  EXPECT_NEAR(set.value(), 1 + 343 - 2 * (1 + 1 + 27 + 64) / 4.0, 1e-9);
}

TEST(MetricKernelDistance, SaysThatASetIsSampled) {
  SetRunner set("metric.kernel_distance");
  set.node().set("reservoir", int64_t{10}).set("subsets", int64_t{5}).set("subset_size", int64_t{4});
  give(set, as_maps(weights::fill_input("real", {30, 2})), as_maps(weights::fill_input("fake", {8, 2})));
  const json report = set.report();
  EXPECT_EQ(report.at("samples"), "n = 30 and 8, D = 2, sampled 10 and 8");
  EXPECT_EQ(report.at("numbers").at(1).at("name"), "N of 5 subsets of 4");
}

TEST(MetricKernelDistance, RefusesOneVector) {
  SetRunner set("metric.kernel_distance");
  give(set, column({1, 2}), column({1}));
  EXPECT_EQ(
      error_text([&] { set.complete(); }),
      "a kernel distance needs at least two feature vectors of each set, but `fake` has 1\n  run over more frames or "
      "sequences");
}

SetRunner& count(SetRunner& set, const at::Tensor& labels, const at::Tensor& target) {
  set.node().input("labels", labels).input("target", target).run();
  return set;
}

TEST(MetricSegmentation, CountsOneMatrixForTheWholeSet) {
  SetRunner set("metric.segmentation");
  set.node().set("classes", int64_t{3});
  count(set, ids_of({{0, 0, 1}}), ids_of({{0, 1, 1}}));
  count(set, ids_of({{1, 1, 0}}), ids_of({{1, 255, 255}}));
  // Counted: 0 as 0; 1 as 0, 1, 1. Class 2 neither occurs nor is predicted.
  const json numbers = set.report().at("numbers");
  EXPECT_DOUBLE_EQ(numbers.at(0).at("value").get<double>(), 3.0 / 4);
  EXPECT_DOUBLE_EQ(numbers.at(1).at("value").get<double>(), (1 + 2.0 / 3) / 2);
  EXPECT_DOUBLE_EQ(numbers.at(2).at("value").get<double>(), (1.0 / 2 + 2.0 / 3) / 2);
  EXPECT_DOUBLE_EQ(numbers.at(3).at("value").get<double>(), 1.0 / 4 * (1.0 / 2) + 3.0 / 4 * (2.0 / 3));
}

TEST(MetricSegmentation, GivesTheMeanOfSomeClassesToo) {
  SetRunner set("metric.segmentation");
  set.node().set("classes", int64_t{4}).set("subset", std::vector<int64_t>{1, 3});
  count(set, ids_of({{0, 0, 1}}), ids_of({{0, 1, 1}}));
  const json report = set.report(), numbers = report.at("numbers");
  EXPECT_EQ(numbers.at(4).at("name"), "N mIoU of subset");
  EXPECT_DOUBLE_EQ(numbers.at(4).at("value").get<double>(), 1.0 / 2) << "class 3 does not occur";
  EXPECT_TRUE(report.at("settings").get<std::string>().ends_with("; subset 1, 3")) << report;
  SetRunner wrong("metric.segmentation");
  wrong.node().set("classes", int64_t{3}).set("subset", std::vector<int64_t>{3});
  EXPECT_EQ(error_text([&] { count(wrong, ids_of({{0}}), ids_of({{0}})); }), "`subset` has 3, but there are 3 classes");
  SetRunner twice("metric.segmentation");
  twice.node().set("classes", int64_t{3}).set("subset", std::vector<int64_t>{1, 2, 1});
  EXPECT_EQ(error_text([&] { count(twice, ids_of({{0}}), ids_of({{0}})); }), "`subset` has 1 twice");
}

TEST(MetricSegmentation, CountsAMatrixForEachTToo) {
  SetRunner set("metric.segmentation");
  set.node().set("classes", int64_t{2}).set("by_frame", true);
  count(set, ids_of({{0, 1}}), ids_of({{0, 1}}));
  count(set, ids_of({{0, 1}}), ids_of({{255, 255}}));
  count(set, ids_of({{0, 0}}), ids_of({{0, 1}}));
  const json curve = set.report().at("by_frame");
  EXPECT_EQ(curve.at("name"), "N mIoU");
  EXPECT_EQ(curve.at("points"), json::parse(R"([{"t":0,"value":1.0},{"t":2,"value":0.25}])"))
      << "none where no pixel counts";
}

TEST(MetricSegmentation, RefusesASetThatIsIgnoredAndAPredictionThatIsNoClass) {
  SetRunner ignored("metric.segmentation"), wrong("metric.segmentation");
  ignored.node().set("classes", int64_t{3});
  wrong.node().set("classes", int64_t{3});
  count(ignored, ids_of({{0, 1}}), ids_of({{255, 255}}));
  EXPECT_EQ(
      error_text([&] { ignored.complete(); }),
      "no pixel of the target is one of the classes 0 to 2\n  set `classes`, or remap the labels with semantics.remap");
  EXPECT_EQ(error_text([&] {
              count(wrong, ids_of({{0, 7}}), ids_of({{0, 1}}));
            }),
            "a pixel is predicted as class 7, but there are 3 classes\n  set `classes`, or remap the labels with "
            "semantics.remap");
}

}  // namespace
}  // namespace weft
