#include "plugins/loss/masked.h"
#include <weft/node.h>

namespace weft::loss {
namespace {

/// The mean absolute difference.
struct L1 {
  static constexpr auto about =
      "L1 loss, the mean absolute difference of two maps: mean |mask * (a - b)|; pixels outside of the mask count as "
      "equal";

  Out<"value", "scalar"> run(In<"a", "feature[B,C,H,W]"> a, In<"b", "feature[B,C,H,W]"> b,
                             Opt<"mask", "mask[B,1,H,W]"> mask) {
    return masked_l1(*a, *b, mask ? &*mask : nullptr);
  }
};

}  // namespace

void add_l1(Registry& registry) {
  registry.add<L1>("loss.l1");
}

}  // namespace weft::loss
