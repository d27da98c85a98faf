#include <weft/node.h>

#include <ATen/TensorOperators.h>

namespace weft::tensor {
namespace {

/// The product of two maps.
struct Multiply {
  static constexpr auto about =
      "Multiplies two maps, of which the second has one channel for all of the first, such as a weight; the product "
      "has "
      "the kind and the number type of `a`";
  static constexpr auto passes = "a";

  Out<"product", "like a[B,C,H,W]"> run(In<"a", "any[B,C,H,W]"> a, In<"b", "any[B,1,H,W]"> b) {
    if (!a->is_floating_point() || !b->is_floating_point()) {
      throw Error(Exit::Graph, "tensor.multiply multiplies maps of values, but one of its inputs holds ids")
          .hint("semantics.one_hot converts labels to channels");
    }
    return *a * b->to(a->scalar_type());
  }
};

}  // namespace

void add_multiply(Registry& registry) {
  registry.add<Multiply>("tensor.multiply");
}

}  // namespace weft::tensor
