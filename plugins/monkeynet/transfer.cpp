#include "plugins/monkeynet/keypoints.h"
#include <weft/node.h>

namespace weft::monkeynet {
namespace {

/// Source: Siarohin et al. 2019, "Animating Arbitrary Objects via Deep Motion Transfer", section 3.5.
struct Transfer {
  static constexpr auto about =
      "Motion transfer of keypoints (Monkey-Net): the keypoints of the source, moved as the driving ones have moved "
      "since the first driving frame, which should show a pose like the source's";

  TransferOptions options;

  void params(Params& p) {
    p("scale_motion", options.scales_motion,
      "multiplies the motion by sqrt(area of the source's keypoints / area of the first driving ones), the areas of "
      "their convex hulls (movement_mult)");
    p("clip", options.clips_means, "keeps keypoints within the frame, in [-1, 1]");
    p("adapt_variance", options.adapts_variance,
      "variances change from those of the source as the driving ones do from the first; otherwise they are the driving "
      "ones");
  }

  Out<"keypoints", "feature[B,K,5]"> run(In<"driving", "feature[B,K,5]"> driving, In<"first", "feature[B,K,5]"> first,
                                         In<"source", "feature[B,K,5]"> source) {
    return packed(transferred(unpacked(*driving), unpacked(*first), unpacked(*source), options));
  }
};

}  // namespace

void add_transfer(Registry& registry) {
  registry.add<Transfer>("monkeynet.transfer");
}

}  // namespace weft::monkeynet
