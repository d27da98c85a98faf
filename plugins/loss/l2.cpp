#include "plugins/loss/masked.h"
#include <weft/node.h>

namespace weft::loss {
namespace {

/// The mean squared difference.
struct L2 {
  static constexpr auto about =
      "L2 loss, the mean squared difference of two maps: mean (mask * (a - b))^2; pixels outside of the mask count as "
      "equal";

  Out<"value", "scalar"> run(In<"a", "feature[B,C,H,W]"> a, In<"b", "feature[B,C,H,W]"> b,
                             Opt<"mask", "mask[B,1,H,W]"> mask) {
    const at::Tensor difference = precise(*a) - precise(*b);
    return (mask ? difference * *mask : difference).square().mean();
  }
};

}  // namespace

void add_l2(Registry& registry) {
  registry.add<L2>("loss.l2");
}

}  // namespace weft::loss
