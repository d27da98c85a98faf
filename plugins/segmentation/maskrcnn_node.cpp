#include "plugins/segmentation/maskrcnn.h"
#include "plugins/segmentation/masks.h"
#include "plugins/segmentation/segmenter.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <map>
#include <optional>

namespace weft::segmentation {
namespace {

/// How an id holds the class and the number of an instance.
enum class Convention {
  Cityscapes,  ///< label * 1000 + number, numbers from 0; smaller ids are plain labels
  Kitti        ///< label * 256 + number, numbers from 1; 0 is no instance
};

struct Numbers {
  int64_t base, first, last;

  static Numbers of(Convention convention) {
    return convention == Convention::Cityscapes ? Numbers{1000, 0, 999} : Numbers{256, 1, 255};
  }
};

/// Instances with Mask R-CNN.
///
/// Source: He et al. 2017, "Mask R-CNN".
struct MaskRcnnNode : nn::Module {
  static constexpr auto about =
      "Instance segmentation with Mask R-CNN (He et al. 2017, ResNet-50 with feature pyramid): instance ids as in the "
      "files of Cityscapes or KITTI, and the label of each instance. Reads the weights of torchvision's "
      "maskrcnn_resnet50_fpn (91 classes of COCO). Inference alone: nothing learns through it";
  static constexpr bool stops_gradients = true;

  MaskRcnnOptions options;
  Convention convention = Convention::Cityscapes;
  double threshold = 0.5;
  // COCO's person, bicycle, car, motorcycle, bus, train and lorry.
  std::vector<int64_t> from = {1, 2, 3, 4, 6, 7, 8};
  std::vector<int64_t> to = {24, 33, 26, 32, 28, 31, 27};

  MaskRcnnNode() { options.detections.score = 0.5; }

  void params(Params& p) {
    p("classes", options.classes, "number of classes of the weights, with the background").min(2).max(10000);
    p("keys", options.keys,
      "published: the names in torchvision's public file; current: those that torchvision saves today",
      {{"published", MaskRcnnKeys::Published}, {"current", MaskRcnnKeys::Current}});
    p("norm_epsilon", options.norm_epsilon,
      "epsilon of the frozen batch norms: 0 for the public COCO file, as torchvision sets it, 1e-5 for weights trained "
      "elsewhere")
        .min(0)
        .max(1);
    p("convention", convention,
      "cityscapes: label * 1000 + number, from 0, and plain labels below 1000; kitti: label * 256 + number, from 1",
      {{"cityscapes", Convention::Cityscapes}, {"kitti", Convention::Kitti}});
    p("from", from, "classes of the weights that are instances, all others are left out; default: COCO's road users")
        .min(1);
    p("to", to, "their label ids, one for each of `from`; default: those of Cityscapes").min(0).max(65535);
    p("score", options.detections.score, "detections count whose score is above this").min(0).max(1);
    p("threshold", threshold, "a pixel belongs to an instance where its mask is above this").min(0).max(1);
    p("shorter", options.transform.shorter, "pixels to which the shorter side of a frame is resized").min(32).max(4096);
    p("longer", options.transform.longer, "pixels that the longer side has at most then").min(32).max(8192);
    p("most", options.detections.most, "detections of a frame, those with the best scores").min(1).max(1000);
  }

  void shape(Shapes&) const {
    if (from.size() != to.size()) {
      throw Error(Exit::Graph, text("`from` and `to` pair ids one to one, but have ", from.size(), " and ", to.size()));
    }
    const auto largest = std::max_element(from.begin(), from.end());
    if (largest != from.end() && *largest >= options.classes) {
      throw Error(Exit::Graph,
                  text("`from` has the class ", *largest, ", but the classes go from 1 to ", options.classes - 1));
    }
  }

  void build(const Shapes&) { network_.emplace(*this, "", options); }

  std::tuple<Out<"instances", "instances[B,1,H,W]">, Out<"labels", "labels[B,1,H,W]">> run(
      In<"image", "image[B,3,H,W]"> image, Opt<"background", "labels[B,1,H,W]"> background, Context& context) {
    const c10::NoGradGuard no_gradients;
    const at::Tensor frames = normalised(*image).to(at::kFloat);
    const std::vector<Detections> all = (*network_)(frames.unbind(0), context.precision());
    const at::Tensor labels =
        background ? background->clone()
                   : at::zeros({image->size(0), 1, image->size(2), image->size(3)}, image->options().dtype(at::kLong));
    const Numbers numbers = Numbers::of(convention);
    at::Tensor instances = convention == Convention::Kitti ? labels * numbers.base : labels.clone();
    for (size_t b = 0; b < all.size(); ++b) {
      const auto sample = static_cast<int64_t>(b);
      paint(all[b], instances[sample][0], labels[sample][0], context);
    }
    return {instances, labels};
  }

 private:
  /// A detection that is drawn.
  struct Drawn {
    int64_t index, label, id;
  };

  /// Those with a label, by falling score, and their ids.
  std::vector<Drawn> drawn(const Boxes& found, Context& context) const {
    const at::Tensor classes = found.labels.cpu();
    const Numbers numbers = Numbers::of(convention);
    std::map<int64_t, int64_t> next;
    std::vector<Drawn> all;
    for (int64_t i = 0; i < classes.size(0); ++i) {
      const auto known = std::find(from.begin(), from.end(), classes.const_data_ptr<int64_t>()[i]);
      if (known == from.end()) continue;
      const int64_t label = to[static_cast<size_t>(known - from.begin())];
      const int64_t number = next.try_emplace(label, numbers.first).first->second++;
      if (number > numbers.last) {
        context.log().note_once(text(context.node(), ": more than ", numbers.last - numbers.first + 1,
                                     " instances of one label, which its ids cannot hold; the rest is left out"));
        continue;
      }
      all.push_back({i, label, label * numbers.base + number});
    }
    return all;
  }

  /// Draws the best detections last, so that they lie above others.
  void paint(const Detections& detections, const at::Tensor& instances, const at::Tensor& labels,
             Context& context) const {
    const ImageSize image = {instances.size(0), instances.size(1)};
    const at::Tensor boxes = detections.found.boxes.to(at::kCPU, at::kDouble).contiguous();
    const std::vector<Drawn> all = drawn(detections.found, context);
    for (auto one = all.rbegin(); one != all.rend(); ++one) {
      const double* box = boxes.const_data_ptr<double>() + 4 * one->index;
      const PlacedMask mask = placed_mask(detections.masks[one->index][0], {box[0], box[1], box[2], box[3]}, image);
      const at::Tensor covers = mask.values > threshold;
      const auto below = [&](const at::Tensor& map) {
        return map.narrow(0, mask.top, covers.size(0)).narrow(1, mask.left, covers.size(1));
      };
      below(instances).masked_fill_(covers, one->id);
      below(labels).masked_fill_(covers, one->label);
    }
  }

  std::optional<MaskRcnn> network_;
};

}  // namespace

void add_maskrcnn(Registry& registry) {
  registry.add<MaskRcnnNode>("segmentation.maskrcnn");
}

}  // namespace weft::segmentation
