#include "plugins/segmentation/deeplab.h"
#include "plugins/segmentation/segmenter.h"

#include <optional>

namespace weft::segmentation {
namespace {

/// The part that both nodes share.
template <typename Network>
struct DeepLabNode : nn::Module {
  DeepLabOptions options;
  Passes at_test;

  void declare_common(Params& p) {
    p("classes", options.classes, "number of classes; the weights say so too").min(1).max(1024);
    p("output_stride", options.output_stride,
      "how much smaller the deepest map is; the rates of the dilated convolutions follow it (8: 12, 24, 36; 16: 6, 12, "
      "18) and leave no trace in a weight file, so a wrong value gives wrong labels")
        .min(8)
        .max(16);
    at_test.declare(p);
  }

  void check_common() const {
    at_test.check();
    if (options.output_stride == 8 || options.output_stride == 16) return;
    throw Error(Exit::Graph, text("`output_stride` must be 8 or 16, not ", options.output_stride));
  }

  void build(const Shapes&) { network_.emplace(*this, "", options); }

  std::tuple<Out<"labels", "labels[B,1,H,W]">, Out<"logits", "feature[B,classes,H,W]">> run(
      In<"image", "image[B,3,H,W]"> image, Context& context) {
    check_size(context.node(), *image, options.output_stride);
    const at::Tensor logits = at_test.run(*image, is_training(), [&](const at::Tensor& frame) {
      return (*network_)(nn::enter(normalised(frame), context.precision()));
    });
    return {labels_of(logits), logits};
  }

 private:
  std::optional<Network> network_;
};

struct DeepLabV3Node : DeepLabNode<DeepLabV3> {
  static constexpr auto about =
      "Semantic segmentation with DeepLabV3 (Chen et al. 2017): a ResNet with dilation and atrous spatial pyramid "
      "pooling. Reads the weights of torchvision (deeplabv3_resnet50, deeplabv3_resnet101: 21 classes, those of Pascal "
      "VOC) and those of VainF/DeepLabV3Plus-Pytorch (prefix = \"model_state\"). Frames are normalised as ImageNet's";

  void params(Params& p) {
    p("backbone", options.trunk, "the network that gives the features; mobilenet with the keys of vainf only",
      {{"resnet50", Trunk::ResNet50}, {"resnet101", Trunk::ResNet101}, {"mobilenet", Trunk::MobileNetV2}});
    p("keys", options.keys, "whose names the weights have",
      {{"torchvision", Keys::Torchvision}, {"vainf", Keys::Vainf}});
    p("auxiliary", options.auxiliary,
      "whether the weights have the auxiliary classifier, as torchvision's do (VainF's do not); it is loaded, but not "
      "computed");
    declare_common(p);
  }

  void shape(Shapes&) const {
    check_common();
    if (options.keys == Keys::Vainf && options.auxiliary) {
      throw Error(Exit::Graph, "the weights of VainF have no auxiliary classifier").hint("set auxiliary = false");
    }
    if (options.keys == Keys::Torchvision && options.trunk == Trunk::MobileNetV2) {
      throw Error(Exit::Graph, "`backbone = \"mobilenet\"` has the keys of VainF").hint("set keys = \"vainf\"");
    }
  }
};

struct DeepLabV3PlusNode : DeepLabNode<DeepLabV3Plus> {
  static constexpr auto about =
      "Semantic segmentation with DeepLabV3+ (Chen et al. 2018): DeepLabV3 with a decoder at a quarter of the size. "
      "Reads "
      "the weights of VainF/DeepLabV3Plus-Pytorch (prefix = \"model_state\"), of which those for Cityscapes have 19 "
      "classes, the training ids, and output stride 16. Frames are normalised as ImageNet's";

  DeepLabV3PlusNode() {
    options = {.trunk = Trunk::ResNet101, .keys = Keys::Vainf, .output_stride = 16, .classes = 19};
  }

  void params(Params& p) {
    p("backbone", options.trunk, "the network that gives the features",
      {{"resnet50", Trunk::ResNet50}, {"resnet101", Trunk::ResNet101}, {"mobilenet", Trunk::MobileNetV2}});
    declare_common(p);
  }

  void shape(Shapes&) const { check_common(); }
};

}  // namespace

void add_deeplab(Registry& registry) {
  registry.add<DeepLabV3Node>("segmentation.deeplabv3");
  registry.add<DeepLabV3PlusNode>("segmentation.deeplabv3plus");
}

}  // namespace weft::segmentation
