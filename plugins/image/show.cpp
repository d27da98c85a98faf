#include "framework/nn/colours.h"
#include <weft/nn.h>
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/log1p.h>
#include <ATen/ops/var_mean.h>

#include <cmath>

namespace weft::image {
namespace {

/// Any map as something that people can look at.
///
/// Scales are fixed and do not follow the frame, so that a video of it does not flicker; only features, whose
/// range nobody knows, follow mean and deviation.
struct Show {
  static constexpr auto about =
      "Any map as an image for people: images as they are, masks and edges grey, depth dark where it is far, "
      "labels and semantics in the colours of their classes, instances each in some colour, flow by "
      "direction and length (Baker et al. 2007), features by their first three channels";

  enum class Manner { Image, Grey, Depth, Classes, Instances, Conditions, Flow, Feature };

  Manner kind = Manner::Image;
  std::optional<double> max;
  std::optional<int64_t> classes;

  void params(Params& p) {
    p("kind", kind, "what the input is; `weft` sets it where it shows a stream by itself",
      {{"image", Manner::Image},
       {"mask", Manner::Grey},
       {"foreground_mask", Manner::Grey},
       {"edges", Manner::Grey},
       {"depth", Manner::Depth},
       {"labels", Manner::Classes},
       {"semantics", Manner::Classes},
       {"instances", Manner::Instances},
       {"conditions", Manner::Conditions},
       {"flow", Manner::Flow},
       {"feature", Manner::Feature}});
    p("max", max,
      "flow: the length in pixels that has full colour, a twentieth of the width unless it is given; depth: "
      "the metres that are black, 100 unless it is given")
        .above(0);
    p("classes", classes,
      "labels, semantics: how many classes there are, which decides the colours; unless it is given, 35 for "
      "labels and the channels of semantics")
        .min(1)
        .max(65536);
  }

  Out<"image", "image[B,3,H,W]"> run(In<"in", "feature[B,C,H,W]"> in) {
    return nn::widened(drawn(*in)).nan_to_num(-1).clamp_(-1, 1);
  }

 private:
  at::Tensor drawn(const at::Tensor& map) const {
    switch (kind) {
      case Manner::Image:
        return first_three(map);
      case Manner::Grey:
        return grey(nn::widened(map) * 2 - 1);
      case Manner::Depth:
        return grey(1 - at::log1p(nn::widened(map)) * (2 / std::log1p(max.value_or(100))));
      case Manner::Classes:
        return by_class(map);
      case Manner::Instances:
        return nn::colour_ids(map.remainder(kInstanceColours), nn::class_colours(kInstanceColours, nn::Palette::Bits));
      case Manner::Conditions:
        return conditions(map);
      case Manner::Flow:
        check_flow(map);
        return nn::colour_flow(map, max.value_or(static_cast<double>(map.size(3)) / 20));
      case Manner::Feature:
        return feature(map);
    }
    return map;
  }

  /// Whatever channels there are: three are likely an image, one a mask, many one-hot classes.
  at::Tensor conditions(const at::Tensor& map) const {
    if (map.size(1) == 1) return grey(nn::widened(map) * 2 - 1);
    return map.size(1) == 3 ? map : by_class(map);
  }

  at::Tensor by_class(const at::Tensor& map) const { return nn::colour_classes(map, classes, nn::Palette::Automatic); }

  /// Two deviations to each side of a channel's mean fill the range.
  static at::Tensor feature(const at::Tensor& map) {
    const at::Tensor values = nn::widened(first_three(map));
    const auto [variance, mean] = at::var_mean(values, {2, 3}, /*correction=*/0, /*keepdim=*/true);
    return (values - mean) / (2 * variance.sqrt() + 1e-6);
  }

  static void check_flow(const at::Tensor& map) {
    if (map.size(1) == 2) return;
    throw Error(Exit::Graph, text("image.show with kind = \"flow\" wants 2 channels, but got ", map.size(1)))
        .hint("`kind` says what the input is");
  }

  static at::Tensor grey(const at::Tensor& map) { return map.narrow(1, 0, 1).expand({-1, 3, -1, -1}); }

  /// A single channel becomes grey; a missing third one is zeros.
  static at::Tensor first_three(const at::Tensor& map) {
    if (map.size(1) == 1) return grey(map);
    if (map.size(1) >= 3) return map.narrow(1, 0, 3);
    return at::constant_pad_nd(map, {0, 0, 0, 0, 0, 1});
  }

  static constexpr int64_t kInstanceColours = 256;
};

}  // namespace

void add_show(Registry& registry) {
  registry.add<Show>("image.show");
}

}  // namespace weft::image
