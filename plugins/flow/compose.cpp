#include <weft/node.h>
#include <weft/vision.h>

#include <ATen/TensorOperators.h>

namespace weft::flow {
namespace {

/// The flow that leads along one flow and from there along another.
///
///   composed(p) = first(p) + then(p + first(p))
///
/// Warping by it is warping by `then`, and the result by `first`, with one interpolation in place of two.
struct Compose {
  static constexpr auto about =
      "Composition of two backward flows: composed(p) = first(p) + then(p + first(p)), borders repeated. A flow from t "
      "to t-1, then one from t-1 to t-2, give that from t to t-2";

  Out<"flow", "flow[B,2,H,W]"> run(In<"first", "flow[B,2,H,W]"> first, In<"then", "flow[B,2,H,W]"> then) {
    return *first + vision::warp(*then, *first);
  }
};

}  // namespace

void add_compose(Registry& registry) {
  registry.add<Compose>("flow.compose");
}

}  // namespace weft::flow
