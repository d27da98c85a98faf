#include <ATen/ops/full.h>

#include <algorithm>

#include "boxes.h"

namespace boxes {
namespace {

struct Draw {
  static constexpr auto about = "Draws boxes: white on black";
  static constexpr bool stops_gradients = true;

  std::vector<int64_t> size = {8, 16};
  void params(weft::Params& p) { p("size", size, "height and width in pixels").count({2}).min(1); }
  void shape(weft::Shapes& shapes) const {
    shapes.set('H', size[0]);
    shapes.set('W', size[1]);
  }

  weft::Out<"image", "image[B,3,H,W]"> run(weft::In<"in", weft::record<Boxes>> in) {
    const std::vector<Boxes> samples = in->samples();
    const at::Tensor image =
        at::full({static_cast<int64_t>(samples.size()), 3, size[0], size[1]}, -1, in->corners.options());
    for (size_t sample = 0; sample < samples.size(); ++sample) {
      const at::Tensor corners = samples[sample].corners.detach().cpu();
      for (int64_t i = 0; i < corners.size(0); ++i) {
        const auto side = [&](int64_t which, int64_t most) {
          return std::clamp<int64_t>(corners[i][which].item<int64_t>(), 0, most);
        };
        image[static_cast<int64_t>(sample)]
            .slice(1, side(1, size[0]), std::max(side(3, size[0]), side(1, size[0])))
            .slice(2, side(0, size[1]), std::max(side(2, size[1]), side(0, size[1])))
            .fill_(1);
      }
    }
    return image;
  }
};

}  // namespace

void add_draw(weft::Registry& registry) {
  registry.add<Draw>("boxes.draw");
}

}  // namespace boxes
