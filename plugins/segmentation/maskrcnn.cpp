#include "plugins/segmentation/maskrcnn.h"

#include "framework/base/text.h"
#include "plugins/segmentation/masks.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/upsample_nearest2d.h>

namespace weft::segmentation {
namespace {

constexpr int64_t kChannels = 256;
constexpr int64_t kBoxPixels = 7, kMaskPixels = 14;

nn::ConvOptions options_of(int64_t in, int64_t out, int64_t kernel) {
  return {.in = in, .out = out, .kernel = kernel, .padding = kernel / 2, .weight_init = nn::Init::fan_in()};
}

/// The key of a convolution that later versions wrapped twice.
std::string wrapped(const std::string& name, MaskRcnnKeys keys, int depth) {
  if (keys == MaskRcnnKeys::Published) return name;
  return depth == 2 ? name + ".0.0" : name + ".0";
}

std::vector<at::Tensor> boxes_of(const std::vector<Boxes>& all) {
  std::vector<at::Tensor> boxes;
  for (const Boxes& each : all) boxes.push_back(each.boxes);
  return boxes;
}

std::vector<at::Tensor> all_widened(std::vector<at::Tensor> maps) {
  for (at::Tensor& map : maps) map = nn::widened(map);
  return maps;
}

}  // namespace

FeaturePyramid::FeaturePyramid(nn::Module& parent, std::string name, MaskRcnnKeys keys)
    : Module(parent, std::move(name)), inner_(*this, "inner_blocks"), layer_(*this, "layer_blocks") {
  for (int64_t i = 0; i < 4; ++i) {
    const std::string number = wrapped(text(i), keys, 1);
    inner_blocks_.push_back(std::make_unique<nn::Conv2d>(inner_, number, options_of(kChannels << i, kChannels, 1)));
    layer_blocks_.push_back(std::make_unique<nn::Conv2d>(layer_, number, options_of(kChannels, kChannels, 3)));
  }
}

std::vector<at::Tensor> FeaturePyramid::operator()(const std::array<at::Tensor, 4>& maps) const {
  std::vector<at::Tensor> levels(5);
  at::Tensor sum;
  for (size_t i = 4; i-- > 0;) {
    const at::Tensor inner = (*inner_blocks_[i])(maps[i]);
    sum = sum.defined() ? inner + at::upsample_nearest2d(sum, {inner.size(2), inner.size(3)}) : inner;
    levels[i] = (*layer_blocks_[i])(sum);  // [B, 256, h, w]
  }
  levels[4] = nn::max_pool(levels[3], {.kernel = 1, .stride = 2});
  return levels;
}

ProposalHead::ProposalHead(nn::Module& parent, std::string name, int64_t anchors, MaskRcnnKeys keys)
    : Module(parent, std::move(name)),
      conv_(*this, wrapped("conv", keys, 2), options_of(kChannels, kChannels, 3)),
      cls_logits_(*this, "cls_logits", options_of(kChannels, anchors, 1)),
      bbox_pred_(*this, "bbox_pred", options_of(kChannels, 4 * anchors, 1)) {}

ProposalHead::Maps ProposalHead::operator()(const std::vector<at::Tensor>& pyramid) const {
  Maps maps;
  for (const at::Tensor& level : pyramid) {
    const at::Tensor x = conv_(level).relu_();
    maps.logits.push_back(cls_logits_(x));
    maps.deltas.push_back(bbox_pred_(x));
  }
  return maps;
}

BoxHead::BoxHead(nn::Module& parent, std::string name, int64_t classes)
    : Module(parent, std::move(name)),
      head_(*this, "box_head"),
      predictor_(*this, "box_predictor"),
      fc6_(head_, "fc6", {.in = kChannels * kBoxPixels * kBoxPixels, .out = 1024}),
      fc7_(head_, "fc7", {.in = 1024, .out = 1024}),
      cls_score_(predictor_, "cls_score", {.in = 1024, .out = classes}),
      bbox_pred_(predictor_, "bbox_pred", {.in = 1024, .out = 4 * classes}) {}

BoxHead::Maps BoxHead::operator()(const at::Tensor& regions) const {
  const at::Tensor features = fc7_(fc6_(regions.flatten(1)).relu_()).relu_();  // [N, 1024]
  return {features, cls_score_(features), bbox_pred_(features)};
}

MaskHead::MaskHead(nn::Module& parent, std::string name, int64_t classes, MaskRcnnKeys keys)
    : Module(parent, std::move(name)),
      head_(*this, "mask_head"),
      predictor_(*this, "mask_predictor"),
      conv5_mask_(predictor_, "conv5_mask",
                  {.in = kChannels, .out = kChannels, .kernel = 2, .stride = 2, .weight_init = nn::Init::fan_in()}),
      mask_fcn_logits_(predictor_, "mask_fcn_logits", options_of(kChannels, classes, 1)) {
  for (int i = 0; i < 4; ++i) {
    const std::string number = keys == MaskRcnnKeys::Published ? text("mask_fcn", i + 1) : text(i, ".0");
    convs_.push_back(std::make_unique<nn::Conv2d>(head_, number, options_of(kChannels, kChannels, 3)));
  }
}

at::Tensor MaskHead::features(at::Tensor regions) const {
  for (const auto& conv : convs_) regions = (*conv)(regions).relu_();
  return regions;
}

at::Tensor MaskHead::predicted(const at::Tensor& features) const {
  return mask_fcn_logits_(conv5_mask_(features).relu_());  // [N, 256, 28, 28] -> [N, K, 28, 28]
}

MaskRcnn::MaskRcnn(nn::Module& parent, std::string name, const MaskRcnnOptions& options)
    : Module(parent, std::move(name)),
      options_(options),
      backbone_(*this, "backbone"),
      body_(backbone_, "body",
            {.norm = {.statistics = nn::NormOptions::Statistics::Frozen,
                      .epsilon = options.norm_epsilon,
                      .weight_init = nn::Init::ones()}}),
      fpn_(backbone_, "fpn", options.keys),
      rpn_(*this, "rpn"),
      head_(rpn_, "head", static_cast<int64_t>(options.anchors.ratios.size() * options.anchors.sizes.front().size()),
            options.keys),
      roi_heads_(*this, "roi_heads"),
      box_(roi_heads_, "", options.classes),
      mask_(roi_heads_, "", options.classes, options.keys) {}

std::vector<Boxes> MaskRcnn::regions(const std::vector<at::Tensor>& pyramid, const ImageBatch& batch) const {
  const ProposalHead::Maps maps = head_(pyramid);
  std::vector<ImageSize> sizes;
  for (const at::Tensor& level : pyramid) sizes.push_back({level.size(2), level.size(3)});
  const ImageSize padded = {batch.images.size(2), batch.images.size(3)};
  const std::vector<at::Tensor> of_levels = anchors(options_.anchors, sizes, padded, batch.images.options());
  return proposals(all_widened(maps.logits), all_widened(maps.deltas), of_levels, batch.sizes, options_.proposals);
}

at::Tensor MaskRcnn::masks(const std::vector<at::Tensor>& levels, const std::vector<Boxes>& found,
                           const ImageBatch& batch, at::ScalarType type) const {
  std::vector<at::Tensor> labels;
  for (const Boxes& boxes : found) labels.push_back(boxes.labels);
  const at::Tensor label = at::cat(labels);
  if (label.numel() == 0) return at::empty({0, 1, 2 * kMaskPixels, 2 * kMaskPixels}, batch.images.options());
  const at::Tensor regions = pyramid_align(levels, boxes_of(found), batch.sizes, {.size = kMaskPixels});
  return selected_masks(nn::widened(mask_.predicted(mask_.features(nn::enter(regions, type)))), label);
}

std::vector<Detections> MaskRcnn::operator()(const std::vector<at::Tensor>& images, at::ScalarType type) const {
  const ImageBatch batch = transformed(images, options_.transform);
  const std::vector<at::Tensor> pyramid = fpn_(body_(nn::enter(batch.images, type)).layers);
  const std::vector<at::Tensor> proposed = boxes_of(regions(pyramid, batch));
  const std::vector<at::Tensor> levels = all_widened({pyramid.begin(), pyramid.begin() + 4});
  const at::Tensor aligned = pyramid_align(levels, proposed, batch.sizes, {.size = kBoxPixels});
  const BoxHead::Maps boxes = box_(nn::enter(aligned, type));
  const std::vector<Boxes> found =
      detections(nn::widened(boxes.logits), nn::widened(boxes.deltas), proposed, batch.sizes, options_.detections);
  const at::Tensor all_masks = masks(levels, found, batch, type);
  std::vector<Detections> all;
  int64_t begin = 0;
  for (size_t i = 0; i < images.size(); ++i) {
    const int64_t count = found[i].boxes.size(0);
    Boxes in_image = found[i];
    in_image.boxes = rescaled(in_image.boxes, batch.sizes[i], {images[i].size(1), images[i].size(2)});
    all.push_back({in_image, all_masks.narrow(0, begin, count)});
    begin += count;
  }
  return all;
}

}  // namespace weft::segmentation
