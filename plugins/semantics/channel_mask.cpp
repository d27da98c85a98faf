#include <weft/nn.h>
#include <weft/node.h>

#include <ATen/TensorOperators.h>

#include <algorithm>

namespace weft::semantics {
namespace {

/// The share of the foreground in each pixel, from a map with one channel a class.
///
/// Source: Wang et al. 2018, "Video-to-Video Synthesis", section 3.3.
struct ChannelMask {
  static constexpr auto about =
      "Foreground mask from a semantic map: the sum of some channels, clamped to [0, 1], with fractions where the map "
      "was resized; semantics.mask makes it from labels";

  std::vector<int64_t> classes;

  void params(Params& p) { p("classes", classes, "the foreground channels, counted from 0").min(0).required(); }

  void shape(Shapes& shapes) const {
    const Dim channels = shapes['C'];
    if (channels.is_known()) check_classes(channels.value());
  }

  Out<"mask", "foreground_mask[B,1,H,W]"> run(In<"semantics", "conditions[B,C,H,W]"> semantics) {
    check_classes(semantics->size(1));
    at::Tensor sum = nn::widened(semantics->narrow(1, classes[0], 1));
    for (size_t i = 1; i < classes.size(); ++i) sum = sum + semantics->narrow(1, classes[i], 1);
    return sum.clamp(0, 1);
  }

 private:
  void check_classes(int64_t channels) const {
    if (classes.empty()) throw Error(Exit::Graph, "`classes` is empty: name the foreground channels");
    const int64_t largest = *std::max_element(classes.begin(), classes.end());
    if (largest < channels) return;
    throw Error(Exit::Graph, text("`classes` has ", largest, ", but the input has the channels 0 to ", channels - 1));
  }
};

}  // namespace

void add_channel_mask(Registry& registry) {
  registry.add<ChannelMask>("semantics.channel_mask");
}

}  // namespace weft::semantics
