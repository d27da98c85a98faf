#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"
#include "framework/weights/fill.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace weft {
namespace {

using ::testing::Each;
using testing::error_text;
using testing::NodeRunner;
using testing::values;

at::Tensor image_of(int64_t height, int64_t width) {
  return weights::fill_input("image", {1, 3, height, width});
}

void fill(NodeRunner& node) {
  for (const auto& [key, parameter] : node.module().tensors()) {
    parameter->set(weights::fill(key, parameter->shape()));
  }
}

/// All weights 0 and all norms 1, but for the tensors that `known` knows.
void set_known(NodeRunner& node, const std::function<at::Tensor(const std::string&, const at::Tensor&)>& known) {
  for (const auto& [key, parameter] : node.module().tensors()) {
    at::Tensor value = at::zeros(parameter->shape(), at::TensorOptions().dtype(parameter->type()));
    if (key.ends_with("running_var")) value.fill_(1);
    parameter->set(known(key, value));
  }
}

TEST(SegmentationSmall, GivesLogitsAtTheSizeOfAnyFrame) {
  NodeRunner node("segmentation.small");
  node.set("classes", int64_t{5}).set("features", int64_t{4}).input("image", image_of(37, 53));
  fill(node);
  node.run();
  EXPECT_EQ(node.tensor("logits").sizes(), (std::vector<int64_t>{1, 5, 37, 53}));
  EXPECT_EQ(node.tensor("labels").sizes(), (std::vector<int64_t>{1, 1, 37, 53}));
  EXPECT_TRUE(at::equal(node.tensor("labels"), node.tensor("logits").argmax(1, true)));
}

TEST(SegmentationSmall, HasLogitsOfEachPixelOrOfFourTogether) {
  const auto logits = [](bool is_fine) {
    NodeRunner node("segmentation.small");
    node.set("classes", int64_t{5}).set("features", int64_t{4}).set("fine", is_fine).input("image", image_of(37, 53));
    fill(node);
    const auto tensors = node.module().tensors();
    const auto weight = std::find_if(tensors.begin(), tensors.end(),
                                     [](const auto& entry) { return entry.key == "classifier.weight"; });
    EXPECT_EQ(weight->parameter->shape()[0], is_fine ? 20 : 5);
    return node.run().tensor("logits").clone();
  };
  EXPECT_EQ(logits(false).sizes(), logits(true).sizes());
  EXPECT_FALSE(at::equal(logits(false), logits(true)));
}

TEST(SegmentationSmall, MirroringTheFrameMirrorsTheLogitsOfFlippedPasses) {
  const auto logits = [](const at::Tensor& image) {
    NodeRunner node("segmentation.small");
    node.set("features", int64_t{4}).set("flip", true).set("scales", std::vector<double>{0.5, 1.0});
    node.input("image", image);
    fill(node);
    return node.run().tensor("logits").clone();
  };
  const at::Tensor image = image_of(32, 48);
  // Sums in another order: rounding of float.
  EXPECT_LT((logits(image) - logits(image.flip({3})).flip({3})).abs().max().item<double>(), 1e-5);
}

TEST(SegmentationSmall, RefusesFramesThatAreTooSmall) {
  NodeRunner node("segmentation.small");
  node.input("image", image_of(15, 64));
  fill(node);
  EXPECT_EQ(
      error_text([&] { node.run(); }),
      "segmentation.small wants frames of at least 16x16 pixels, but got [1, 3, 15, 64]\n  enlarge the frames with "
      "image.resize first");
}

TEST(SegmentationSmall, RefusesNoScales) {
  EXPECT_EQ(error_text([] {
              NodeRunner node("segmentation.small");
              node.set("scales", std::vector<double>{}).input("image", image_of(32, 32)).run();
            }),
            "`scales` is empty: [1.0] runs the network once, at the size of the frame");
}

TEST(SegmentationDeepLab, RefusesWeightsOfAnotherNumberOfClasses) {
  NodeRunner node("segmentation.deeplabv3plus");
  const auto set = [&] {
    for (const auto& [key, parameter] : node.module().tensors()) {
      if (key == "classifier.classifier.3.weight") parameter->set(at::zeros({21, 256, 1, 1}));
    }
  };
  EXPECT_EQ(error_text(set), "`weight` has the shape [21, 256, 1, 1], but the network wants [19, 256, 1, 1]");
}

TEST(SegmentationDeepLab, RefusesStridesThatItsRatesDoNotKnow) {
  EXPECT_EQ(error_text([] {
              NodeRunner node("segmentation.deeplabv3plus");
              node.set("output_stride", int64_t{12}).input("image", image_of(32, 32)).run();
            }),
            "`output_stride` must be 8 or 16, not 12");
}

TEST(SegmentationDeepLab, RefusesAnAuxiliaryClassifierOfVainf) {
  EXPECT_EQ(error_text([] {
              NodeRunner node("segmentation.deeplabv3");
              node.set("keys", std::string("vainf")).input("image", image_of(32, 32)).run();
            }),
            "the weights of VainF have no auxiliary classifier\n  set auxiliary = false");
}

TEST(SegmentationLabels, TakesTheLargestLogitAtTheSizeOfAFrame) {
  NodeRunner node("segmentation.labels");
  at::Tensor logits = at::zeros({1, 3, 2, 2});
  logits[0][2].fill_(1);
  logits[0][1][0].fill_(5);
  node.input("logits", logits).input("like", at::zeros({1, 3, 4, 4})).run();
  EXPECT_THAT(values(node.tensor("labels").slice(2, 0, 1)), Each(1));
  EXPECT_THAT(values(node.tensor("labels").slice(2, 3, 4)), Each(2));
  EXPECT_LT((node.tensor("semantics").sum(1) - 1).abs().max().item<double>(), 1e-6);
}

/// A Mask R-CNN that finds `label` in every proposal, with boxes that cover what the proposals cover and full masks.
void find_everywhere(NodeRunner& node, int64_t label) {
  set_known(node, [&](const std::string& key, at::Tensor value) {
    if (key == "roi_heads.box_predictor.cls_score.bias") value[label] = 20;
    if (key == "roi_heads.mask_predictor.mask_fcn_logits.bias") value.fill_(20);
    return value;
  });
}

NodeRunner& small_frames(NodeRunner& node) {
  return node.set("shorter", int64_t{64}).set("longer", int64_t{96}).input("image", image_of(64, 96));
}

TEST(MaskRcnn, GivesTheIdsOfCityscapes) {
  NodeRunner node("segmentation.maskrcnn");
  small_frames(node);
  find_everywhere(node, 3);  // cars
  node.run();
  const at::Tensor ids = node.tensor("instances");
  EXPECT_EQ(ids.sizes(), (std::vector<int64_t>{1, 1, 64, 96}));
  EXPECT_EQ(ids.max().item<int64_t>() / 1000, 26);
  EXPECT_TRUE(at::equal(node.tensor("labels") == 26, ids >= 26000));
  EXPECT_GT((ids >= 26000).sum().item<int64_t>(), 0);
}

TEST(MaskRcnn, DrawsHundredsOfBoxesWithTheNumbersOfKitti) {
  NodeRunner node("segmentation.maskrcnn");
  small_frames(node).set("convention", std::string("kitti")).set("most", int64_t{1000});
  find_everywhere(node, 1);  // people
  const at::Tensor ids = node.run().tensor("instances");
  const at::Tensor things = ids.masked_select(ids > 0);
  EXPECT_EQ(things.min().item<int64_t>() / 256, 24);
  EXPECT_GE((things % 256).min().item<int64_t>(), 1);
  EXPECT_EQ(things.max().item<int64_t>() / 256, 24);
}

TEST(MaskRcnn, GivesTheBackgroundWhereNothingIsFound) {
  NodeRunner node("segmentation.maskrcnn");
  small_frames(node).input("background", at::full({1, 1, 64, 96}, 7, at::kLong));
  find_everywhere(node, 0);
  node.run();
  EXPECT_THAT(values(node.tensor("instances")), Each(7));
  EXPECT_THAT(values(node.tensor("labels")), Each(7));
}

TEST(MaskRcnn, HasTheNamesOfThePublishedFile) {
  NodeRunner node("segmentation.maskrcnn");
  small_frames(node);
  std::vector<std::string> keys;
  for (const auto& [key, parameter] : node.module().tensors()) keys.push_back(key);
  EXPECT_EQ(keys.size(), 307U);
  for (const char* key : {"rpn.head.conv.weight", "roi_heads.mask_head.mask_fcn1.weight",
                          "backbone.fpn.inner_blocks.0.weight", "backbone.body.bn1.running_var"}) {
    EXPECT_THAT(keys, ::testing::Contains(key));
  }
}

TEST(MaskRcnn, RefusesClassesThatTheWeightsLack) {
  EXPECT_EQ(error_text([] {
              NodeRunner node("segmentation.maskrcnn");
              node.set("classes", int64_t{5}).input("image", image_of(64, 64)).run();
            }),
            "`from` has the class 8, but the classes go from 1 to 4");
}

TEST(MaskRcnn, RefusesPairsOfUnequalNumber) {
  EXPECT_EQ(error_text([] {
              NodeRunner node("segmentation.maskrcnn");
              node.set("to", std::vector<int64_t>{24}).input("image", image_of(64, 64)).run();
            }),
            "`from` and `to` pair ids one to one, but have 7 and 1");
}

}  // namespace
}  // namespace weft
