#include <weft/node.h>

#include <ATen/TensorOperators.h>

namespace weft::tensor {
namespace {

/// A number at every pixel of a map.
struct Spread {
  static constexpr auto about =
      "Map with one number at every pixel, in the size of another map: a scalar such as a speed as an extra channel of "
      "conditions";

  double scale = 1;

  void params(Params& p) {
    p("scale", scale, "the number is multiplied by this, so that it is of the size of the other channels");
  }

  Out<"map", "conditions[B,1,H,W]"> run(In<"in", "scalar"> number, In<"like", "feature[B,*,H,W]"> like) {
    const at::ScalarType type = like->is_floating_point() ? like->scalar_type() : at::kFloat;  // ids have none
    const at::Tensor value = (*number * scale).to(like->device(), type);
    return value.reshape({1, 1, 1, 1}).expand({like->size(0), 1, like->size(2), like->size(3)}).contiguous();
  }
};

}  // namespace

void add_spread(Registry& registry) {
  registry.add<Spread>("tensor.spread");
}

}  // namespace weft::tensor
