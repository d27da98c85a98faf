#include "plugins/tensor/frames.h"

namespace weft::tensor {
namespace {

/// One frame of a window.
struct Frame {
  static constexpr auto about =
      "One frame of a window: 0 is the oldest; the position may come from tensor.draw; a position after the last frame "
      "gives the last";

  Out<"frame", "like window[B,C,H,W]"> run(In<"window", "any[B,T,C,H,W]"> window, In<"at", "scalar"> at) {
    return frames_from(*window, *at, 1).squeeze(1);
  }
};

}  // namespace

void add_frame(Registry& registry) {
  registry.add<Frame>("tensor.frame");
}

}  // namespace weft::tensor
