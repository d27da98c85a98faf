#pragma once

#include "plugins/segmentation/detection.h"
#include <weft/backbones.h>

#include <array>
#include <memory>

namespace weft::segmentation {

/// How the weights name the convolutions that later versions of torchvision wrapped.
enum class MaskRcnnKeys {
  Published,  ///< of the public file: rpn.head.conv.weight, roi_heads.mask_head.mask_fcn1.weight …
  Current     ///< what torchvision saves today: rpn.head.conv.0.0.weight, roi_heads.mask_head.0.0.weight …
};

struct MaskRcnnOptions {
  MaskRcnnKeys keys = MaskRcnnKeys::Published;
  int64_t classes = 91;     ///< with the background
  double norm_epsilon = 0;  ///< of the frozen norms: 0 for the public file, 1e-5 for others
  TransformOptions transform;
  AnchorOptions anchors;
  ProposalOptions proposals;
  DetectionOptions detections;
};

/// A feature pyramid: maps of a trunk, each joined with the enlarged coarser one.
/// Source: Lin et al. 2017, "Feature Pyramid Networks for Object Detection".
class FeaturePyramid : public nn::Module {
 public:
  FeaturePyramid(nn::Module& parent, std::string name, MaskRcnnKeys keys);
  /// [B, 256 …  2048, H/4 … H/32, …] -> five maps of 256 channels; the last is every second pixel of the one before.
  std::vector<at::Tensor> operator()(const std::array<at::Tensor, 4>& maps) const;

 private:
  nn::Module inner_, layer_;
  std::vector<std::unique_ptr<nn::Conv2d>> inner_blocks_, layer_blocks_;
};

/// The head of the region proposal network: objectness and box of each anchor.
class ProposalHead : public nn::Module {
 public:
  ProposalHead(nn::Module& parent, std::string name, int64_t anchors, MaskRcnnKeys keys);

  struct Maps {
    std::vector<at::Tensor> logits;  ///< of each level [B, A, h, w]
    std::vector<at::Tensor> deltas;  ///< of each level [B, 4 A, h, w]
  };
  Maps operator()(const std::vector<at::Tensor>& pyramid) const;

 private:
  nn::Conv2d conv_, cls_logits_, bbox_pred_;
};

/// Classes and boxes of regions.
class BoxHead : public nn::Module {
 public:
  BoxHead(nn::Module& parent, std::string name, int64_t classes);

  struct Maps {
    at::Tensor features;  ///< [N, 1024]
    at::Tensor logits;    ///< [N, K]
    at::Tensor deltas;    ///< [N, 4 K]
  };
  /// @param regions  [N, 256, 7, 7]
  Maps operator()(const at::Tensor& regions) const;

 private:
  nn::Module head_, predictor_;
  nn::Linear fc6_, fc7_, cls_score_, bbox_pred_;
};

/// Masks of regions.
class MaskHead : public nn::Module {
 public:
  MaskHead(nn::Module& parent, std::string name, int64_t classes, MaskRcnnKeys keys);

  /// [N, 256, 14, 14] -> the same shape.
  at::Tensor features(at::Tensor regions) const;
  /// [N, 256, 14, 14] -> logits [N, K, 28, 28].
  at::Tensor predicted(const at::Tensor& features) const;

 private:
  nn::Module head_, predictor_;
  std::vector<std::unique_ptr<nn::Conv2d>> convs_;
  nn::ConvTranspose2d conv5_mask_;
  nn::Conv2d mask_fcn_logits_;
};

/// What was found in one image.
struct Detections {
  Boxes found;       ///< in the pixels of the image
  at::Tensor masks;  ///< [N, 1, 28, 28] in [0, 1], of the boxes
};

/// Mask R-CNN with ResNet-50 and a feature pyramid: boxes, classes and masks of things. Inference alone.
///
/// Keys backbone.body.*, backbone.fpn.*, rpn.head.*, roi_heads.*. Source: He et al. 2017, "Mask R-CNN".
class MaskRcnn : public nn::Module {
 public:
  MaskRcnn(nn::Module& parent, std::string name, const MaskRcnnOptions& options);

  /// @param images  [3, h, w] each, normalised
  /// @param type    in which the networks compute; all between them is float
  std::vector<Detections> operator()(const std::vector<at::Tensor>& images, at::ScalarType type) const;

  const backbones::ResNet& body() const { return body_; }
  const FeaturePyramid& pyramid() const { return fpn_; }
  const ProposalHead& proposal_head() const { return head_; }
  const BoxHead& box_head() const { return box_; }
  const MaskHead& mask_head() const { return mask_; }

 private:
  std::vector<Boxes> regions(const std::vector<at::Tensor>& pyramid, const ImageBatch& batch) const;
  at::Tensor masks(const std::vector<at::Tensor>& levels, const std::vector<Boxes>& found, const ImageBatch& batch,
                   at::ScalarType type) const;

  MaskRcnnOptions options_;
  nn::Module backbone_;
  backbones::ResNet body_;
  FeaturePyramid fpn_;
  nn::Module rpn_;
  ProposalHead head_;
  nn::Module roi_heads_;
  BoxHead box_;
  MaskHead mask_;
};

}  // namespace weft::segmentation
