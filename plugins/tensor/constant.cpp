#include <weft/node.h>

#include <ATen/ops/full.h>

namespace weft::tensor {
namespace {

/// A map of one number.
struct Constant {
  static constexpr auto about =
      "Map with one number at every pixel, a static value: an extra channel of conditions, or a default for a missing "
      "part";
  static constexpr bool still = true;

  double value = 0;
  int64_t channels = 1;
  std::vector<int64_t> size = {256, 512};

  void params(Params& p) {
    p("value", value, "the number");
    p("channels", channels, "of the map").min(1);
    p("size", size, "height and width in pixels").count({2}).min(1).required();
  }

  void shape(Shapes& shapes) const {
    shapes.set('H', size[0]);
    shapes.set('W', size[1]);
  }

  std::optional<Out<"map", "conditions[B,channels,H,W]">> run() {
    return at::full({1, channels, size[0], size[1]}, value, at::kFloat);
  }
};

}  // namespace

void add_constant(Registry& registry) {
  registry.add<Constant>("tensor.constant");
}

}  // namespace weft::tensor
