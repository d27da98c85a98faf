#include "framework/base/text.h"
#include "framework/weights/fill.h"
#include "plugins/segmentation/maskrcnn.h"
#include "plugins/segmentation/masks.h"
#include "plugins/segmentation/operators.h"
#include "plugins/segmentation/segmenter.h"
#include "tests/conformance/perception.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

namespace weft::conformance {
namespace {

using namespace segmentation;  // NOLINT(google-build-using-namespace): every name below is of it
using nlohmann::json;

ImageSize size_in(const json& size) {
  return {size.at(0).get<int64_t>(), size.at(1).get<int64_t>()};
}

std::vector<ImageSize> sizes_in(const json& list) {
  std::vector<ImageSize> sizes;
  for (const json& size : list) sizes.push_back(size_in(size));
  return sizes;
}

/// Inputs called NAME0, NAME1 …, as many as there are.
std::vector<at::Tensor> numbered(const Fixture& fixture, const std::string& name) {
  std::vector<at::Tensor> all;
  const json& inputs = fixture.description().at("inputs");
  while (inputs.contains(text(name, all.size()))) all.push_back(fixture.input(text(name, all.size())));
  return all;
}

Tensors compute_coder(const Fixture& fixture) {
  const json& config = fixture.config();
  const at::Tensor boxes = fixture.stored("in.boxes"), target = fixture.stored("in.gt");
  const at::Tensor factors = at::tensor({2.0F, 2.0F, 9.0F, 9.0F});
  Tensors outputs;
  for (const char* name : {"rpn", "roi"}) {
    const BoxCoder coder = {config.at(text("weights_", name)).get<std::array<double, 4>>(),
                            config.at("clip").get<double>()};
    outputs[text("decode_", name)] = coder.decode(fixture.input("deltas") * factors, boxes).squeeze(1);
    outputs[text("encode_", name)] = coder.encode(target, boxes);
    outputs[text("decode_multi_", name)] = coder.decode(fixture.input("deltas3"), boxes);
  }
  return outputs;
}

Tensors compute_nms(const Fixture& fixture) {
  const at::Tensor boxes = fixture.stored("in.boxes"), scores = fixture.stored("in.scores");
  const at::Tensor labels = fixture.stored("in.labels").to(at::kLong);
  Tensors outputs;
  for (const json& threshold : fixture.config().at("thresholds")) {
    const double bound = threshold.get<double>();
    outputs[text("keep_", threshold.dump())] = nms(boxes, scores, bound);
    outputs[text("batched_", threshold.dump())] = nms(boxes, scores, bound, labels);
  }
  return outputs;
}

/// Names such as out_aligned0_sr-1_3x5 hold the options; one number stands for both sides.
RoiAlignOptions options_in(const std::string& name, double scale) {
  RoiAlignOptions options = {.scale = scale};
  int aligned = 0, samples = 0, height = 0, width = 0;
  const int read = std::sscanf(name.c_str(), "out_aligned%d_sr%d_%dx%d", &aligned, &samples, &height, &width);
  options.aligned = aligned == 1;
  options.samples = samples;
  options.height = height;
  options.width = read == 4 ? width : height;
  return options;
}

Tensors compute_roi_align(const Fixture& fixture) {
  Tensors outputs;
  for (const std::string& name : fixture.output_names()) {
    outputs[name] = roi_align(fixture.input("feat"), fixture.stored("in.rois"),
                              options_in(name, fixture.config().at("spatial_scale").get<double>()));
  }
  return outputs;
}

Tensors compute_pyramid_align(const Fixture& fixture) {
  const json& config = fixture.config();
  const PyramidOptions options = {.size = config.at("output_size").get<int64_t>(),
                                  .samples = config.at("sampling_ratio").get<int64_t>(),
                                  .canonical_size = config.at("canonical_scale").get<double>(),
                                  .canonical_level = config.at("canonical_level").get<int64_t>()};
  const ImageSize image = size_in(config.at("image"));
  const std::vector<at::Tensor> maps = numbered(fixture, "f");
  const at::Tensor boxes = fixture.stored("in.boxes");
  const std::vector<double> scales = scales_of(maps, image);
  return {{"out", pyramid_align(maps, {boxes}, {image}, options)},
          {"levels", levels_of(boxes, scales, options)},
          {"scales", at::tensor(scales, at::kDouble)}};
}

AnchorOptions anchor_options(const json& config) {
  return {config.at("sizes").get<std::vector<std::vector<double>>>(),
          config.at("aspect_ratios").get<std::vector<double>>()};
}

Tensors compute_anchors(const Fixture& fixture) {
  const json& config = fixture.config();
  const AnchorOptions options = anchor_options(config);
  std::vector<at::Tensor> cells;
  for (const auto& sizes : options.sizes) cells.push_back(cell_anchors(sizes, options.ratios));
  const at::Tensor all =
      at::cat(anchors(options, sizes_in(config.at("feature_maps")), size_in(config.at("image")), at::kFloat));
  return {{"anchors", all}, {"cell_anchors", at::cat(cells)}, {"num", at::full({1}, all.size(0))}};
}

Tensors compute_proposals(const Fixture& fixture) {
  const json& config = fixture.config();
  const ProposalOptions options = {config.at("pre_nms_top_n").get<int64_t>(),
                                   config.at("post_nms_top_n").get<int64_t>(), config.at("nms_thresh").get<double>(),
                                   config.at("score_thresh").get<double>(), config.at("min_size").get<double>()};
  std::vector<at::Tensor> logits = numbered(fixture, "ob"), deltas = numbered(fixture, "de");
  std::vector<ImageSize> maps;
  for (size_t i = 0; i < logits.size(); ++i) {
    logits[i] = logits[i] * 1.5 + deltas[i].slice(1, 0, 3) * 0.0025;
    deltas[i] = deltas[i] * 0.5;
    maps.push_back({logits[i].size(2), logits[i].size(3)});
  }
  const auto of_levels = anchors(AnchorOptions(), maps, size_in(config.at("padded")), at::kFloat);
  const std::vector<Boxes> all = proposals(logits, deltas, of_levels, sizes_in(config.at("image_sizes")), options);
  Tensors outputs;
  for (size_t i = 0; i < all.size(); ++i) {
    outputs[text("boxes", i)] = all[i].boxes;
    outputs[text("scores", i)] = all[i].scores;
  }
  return outputs;
}

Tensors compute_detections(const Fixture& fixture) {
  const json& config = fixture.config();
  DetectionOptions options;
  options.coder.weights = config.at("weights").get<std::array<double, 4>>();
  options.score = config.at("score_thresh").get<double>();
  options.overlap = config.at("nms_thresh").get<double>();
  options.most = config.at("detections_per_img").get<int64_t>();
  const std::vector<ImageSize> images = sizes_in(config.at("image_sizes"));
  std::vector<at::Tensor> regions;
  for (size_t i = 0; i < images.size(); ++i) regions.push_back(fixture.stored(text("in.pp", i)));
  const std::vector<Boxes> all = detections(fixture.input("cls") * 3, fixture.input("reg"), regions, images, options);
  Tensors outputs;
  for (size_t i = 0; i < all.size(); ++i) {
    outputs[text("boxes", i)] = all[i].boxes;
    outputs[text("scores", i)] = all[i].scores;
    outputs[text("labels", i)] = all[i].labels;
  }
  return outputs;
}

Tensors compute_masks(const Fixture& fixture) {
  const json& config = fixture.config();
  const at::Tensor labels = at::tensor(config.at("labels").get<std::vector<int64_t>>());
  const at::Tensor pasted =
      pasted_masks((fixture.input("masks") + 1) / 2, fixture.stored("in.boxes"), size_in(config.at("image")));
  return {{"pasted", pasted},
          {"binary_sum", (pasted >= config.at("threshold").get<double>()).sum({1, 2, 3})},
          {"selected", selected_masks(fixture.input("mlogits") * 3, labels)}};
}

/// As the originals normalise images in [0, 1].
at::Tensor normalised01(const at::Tensor& image) {
  return normalised((image * 2 - 1).unsqueeze(0))[0];
}

Tensors compute_transform(const Fixture& fixture) {
  const json& config = fixture.config();
  std::vector<at::Tensor> images;
  for (const at::Tensor& image : numbered(fixture, "image")) images.push_back(normalised(image.unsqueeze(0))[0]);
  const ImageBatch batch =
      transformed(images, {config.at("min_size").get<int64_t>(), config.at("max_size").get<int64_t>(),
                           config.at("size_divisible").get<int64_t>()});
  const at::Tensor sizes = at::zeros({static_cast<int64_t>(batch.sizes.size()), 2});
  for (size_t i = 0; i < batch.sizes.size(); ++i) {
    sizes[static_cast<int64_t>(i)][0] = batch.sizes[i].height;
    sizes[static_cast<int64_t>(i)][1] = batch.sizes[i].width;
  }
  return {{"batch", batch.images}, {"image_sizes", sizes}};
}

/// Boxes from numbers in [-1, 1], by the rule in the files' configuration.
at::Tensor boxes_from(const at::Tensor& given, const ImageSize& image) {
  const auto height = static_cast<double>(image.height), width = static_cast<double>(image.width);
  const at::Tensor u = (given + 1) / 2;
  const at::Tensor x = u.select(1, 0) * (0.7 * width), y = u.select(1, 1) * (0.7 * height);
  return at::stack({x, y, (x + 4 + u.select(1, 2) * (0.6 * width)).clamp_max(width),
                    (y + 4 + u.select(1, 3) * (0.6 * height)).clamp_max(height)},
                   1);
}

MaskRcnnOptions options_of(const json& config) {
  MaskRcnnOptions options;
  options.keys = MaskRcnnKeys::Current;
  options.classes = config.at("num_classes").get<int64_t>();
  options.norm_epsilon = config.at("frozen_bn_eps").get<double>();
  options.transform.shorter = config.value("min_size", options.transform.shorter);
  options.transform.longer = config.value("max_size", options.transform.longer);
  options.proposals.most_before = config.value("rpn_pre_nms_top_n_test", options.proposals.most_before);
  options.proposals.most = config.value("rpn_post_nms_top_n_test", options.proposals.most);
  options.detections.score = config.value("box_score_thresh", options.detections.score);
  options.detections.most = config.value("box_detections_per_img", options.detections.most);
  return options;
}

void add_rpn(const ProposalHead::Maps& maps, const std::vector<at::Tensor>& pyramid, const at::Tensor& batch,
             Tensors& outputs) {
  std::vector<at::Tensor> logits, deltas;
  std::vector<ImageSize> sizes;
  for (size_t i = 0; i < pyramid.size(); ++i) {
    outputs[text("rpn_logits", i)] = maps.logits[i];
    outputs[text("rpn_deltas", i)] = maps.deltas[i];
    logits.push_back(flattened(maps.logits[i], 1).flatten(0, 1));
    deltas.push_back(flattened(maps.deltas[i], 4).flatten(0, 1));
    sizes.push_back({pyramid[i].size(2), pyramid[i].size(3)});
  }
  outputs["objectness_flat"] = at::cat(logits);
  outputs["deltas_flat"] = at::cat(deltas);
  outputs["anchors"] = at::cat(anchors(AnchorOptions(), sizes, {batch.size(2), batch.size(3)}, at::kFloat));
}

Tensors compute_components(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  const std::vector<ImageSize> images = sizes_in(fixture.config().at("image_sizes"));
  nn::Module root;
  const MaskRcnn network(root, "", options_of(fixture.config()));
  fill(root, fixture);
  const at::Tensor batch = fixture.input("batch");
  const backbones::ResNet::Maps body = network.body()(batch);
  const std::vector<at::Tensor> pyramid = network.pyramid()(body.layers);
  Tensors outputs;
  for (size_t i = 0; i < 4; ++i) outputs[text("body", i)] = body.layers[i];
  for (size_t i = 0; i < 5; ++i) outputs[i < 4 ? text("fpn_", i) : "fpn_pool"] = pyramid[i];
  add_rpn(network.proposal_head()(pyramid), pyramid, batch, outputs);

  const std::vector<at::Tensor> levels(pyramid.begin(), pyramid.begin() + 4);
  std::vector<at::Tensor> regions;
  for (size_t i = 0; i < images.size(); ++i) {
    regions.push_back(boxes_from(fixture.input(text("props", i)), images[i]));
  }
  outputs["box_roi_pool"] = pyramid_align(levels, regions, images, {.size = 7});
  outputs["mask_roi_pool"] = pyramid_align(levels, regions, images, {.size = 14});
  const BoxHead::Maps boxes = network.box_head()(outputs["box_roi_pool"]);
  outputs["box_head"] = boxes.features;
  outputs["class_logits"] = boxes.logits;
  outputs["box_regression"] = boxes.deltas;
  outputs["mask_head"] = network.mask_head().features(outputs["mask_roi_pool"]).clone();
  outputs["mask_logits"] = network.mask_head().predicted(outputs["mask_head"]);
  return outputs;
}

Tensors compute_whole(const Fixture& fixture) {
  const c10::NoGradGuard no_gradients;
  nn::Module root;
  const MaskRcnn network(root, "", options_of(fixture.config()));
  fill(root, fixture);
  const at::Tensor image = (fixture.input("e2e") + 1) / 2;
  const Detections all = network({normalised01(image)}, at::kFloat)[0];
  return {{"boxes", all.found.boxes},
          {"scores", all.found.scores},
          {"labels", all.found.labels},
          {"masks", pasted_masks(all.masks, all.found.boxes, {image.size(1), image.size(2)})}};
}

/// Indices, labels and counts are equal; coordinates are sums of a few products.
Tolerance tolerance_of_boxes(const Fixture& fixture, const std::string& output) {
  const bool is_exact = output.starts_with("labels") || output.starts_with("keep_") || output.starts_with("batched_") ||
                        output == "levels" || output == "num" || output.ends_with("anchors") ||
                        output == "image_sizes" || output == "binary_sum";
  return is_exact ? Tolerance{Tolerance::Measure::Largest, 0} : tolerance_by_size(fixture, output);
}

}  // namespace

void add_detection_cases(Cases& cases) {
  cases["BoxCoder"] = {compute_coder, tolerance_of_boxes};
  cases["nms / batched_nms"] = {compute_nms, tolerance_of_boxes};
  cases["roi_align"] = {compute_roi_align, tolerance_of_boxes};
  cases["MultiScaleRoIAlign"] = {compute_pyramid_align, tolerance_of_boxes};
  cases["AnchorGenerator"] = {compute_anchors, tolerance_of_boxes};
  cases["RegionProposalNetwork.filter_proposals"] = {compute_proposals, tolerance_of_boxes};
  cases["RoIHeads.postprocess_detections"] = {compute_detections, tolerance_of_boxes};
  cases["paste_masks_in_image / maskrcnn_inference"] = {compute_masks, tolerance_of_boxes};
  cases["GeneralizedRCNNTransform"] = {compute_transform, tolerance_of_boxes};
  cases["maskrcnn_resnet50_fpn components"] = {compute_components, tolerance_of_boxes};
  cases["MaskRCNN end to end"] = {compute_whole, tolerance_of_boxes};
}

}  // namespace weft::conformance
