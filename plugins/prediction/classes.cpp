#include "framework/nn/highest_channel.h"
#include <weft/node.h>

namespace weft::prediction {
namespace {

/// The most probable class of each pixel.
struct Classes {
  static constexpr auto about =
      "Label map from class scores (argmax): each pixel gets the number of its highest channel; semantics.remap with "
      "the table cityscapes_35 converts the numbers of 19 classes to label ids";

  Out<"labels", "labels[B,1,H,W]"> run(In<"scores", "feature[B,C,H,W]"> scores) { return nn::highest_channel(*scores); }
};

}  // namespace

void add_classes(Registry& registry) {
  registry.add<Classes>("prediction.classes");
}

}  // namespace weft::prediction
