#include <weft/node.h>

#include <ATen/ops/tensor.h>

namespace weft::image {
namespace {

/// A picture of one colour.
struct Constant {
  static constexpr auto about = "Image of one colour, a static value";
  static constexpr bool still = true;

  std::vector<double> colour = {0, 0, 0};
  std::vector<int64_t> size = {256, 512};

  void params(Params& p) {
    p("colour", colour, "red, green and blue, from -1 (dark) to 1 (bright)").count({3}).min(-1).max(1);
    p("size", size, "height and width in pixels").count({2}).min(1).required();
  }

  void shape(Shapes& shapes) const {
    shapes.set('H', size[0]);
    shapes.set('W', size[1]);
  }

  std::optional<Out<"image", "image[B,3,H,W]">> run() {
    return at::tensor(colour).to(at::kFloat).view({1, 3, 1, 1}).expand({1, 3, size[0], size[1]}).contiguous();
  }
};

}  // namespace

void add_constant(Registry& registry) {
  registry.add<Constant>("image.constant");
}

}  // namespace weft::image
