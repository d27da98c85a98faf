#include <weft/node.h>

#include <ATen/TensorOperators.h>

namespace weft::tensor {
namespace {

/// The sum of two maps.
///
/// Source: He et al. 2016, "Deep Residual Learning for Image Recognition": a network that learns what its input lacks.
struct Add {
  static constexpr auto about =
      "Adds two maps, for residual learning: an image and what a network generates to correct it; the sum has the kind "
      "and the number type of `a`";
  static constexpr auto passes = "a";

  Out<"sum", "like a[B,C,H,W]"> run(In<"a", "any[B,C,H,W]"> a, In<"b", "any[B,C,H,W]"> b) {
    if (!a->is_floating_point() || !b->is_floating_point()) {
      throw Error(Exit::Graph, "tensor.add adds maps of values, but one of its inputs holds ids")
          .hint("semantics.one_hot converts labels to channels");
    }
    return *a + b->to(a->scalar_type());
  }
};

}  // namespace

void add_add(Registry& registry) {
  registry.add<Add>("tensor.add");
}

}  // namespace weft::tensor
