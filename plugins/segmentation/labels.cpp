#include "plugins/segmentation/segmenter.h"

namespace weft::segmentation {
namespace {

/// Labels and probabilities from the logits of any network.
struct Labels {
  static constexpr auto about =
      "Label map from class logits: bilinear resizing to the size of a frame, then the class with the largest logit; "
      "and "
      "the probabilities of all classes (softmax). For networks that give logits at another size than that of the "
      "frame";

  std::tuple<Out<"labels", "labels[B,1,H,W]">, Out<"semantics", "semantics[B,C,H,W]">> run(
      In<"logits", "feature[B,C,h,w]"> logits, In<"like", "feature[B,D,H,W]"> like) {
    const at::Tensor fitting = resized(nn::widened(*logits), like->size(2), like->size(3));
    return {labels_of(fitting), fitting.softmax(1)};
  }
};

}  // namespace

void add_labels(Registry& registry) {
  registry.add<Labels>("segmentation.labels");
}

}  // namespace weft::segmentation
