#include "plugins/tensor/frames.h"

namespace weft::tensor {
namespace {

/// A part of a window.
struct Frames {
  static constexpr auto about =
      "Consecutive frames of a window: `length` frames from a position on, which may come from tensor.draw; a position "
      "too close to the end gives the last `length` frames";

  int64_t length = 3;

  void params(Params& p) { p("length", length, "length of the resulting window, in frames").min(1); }

  void shape(Shapes& shapes) const {
    const Dim frames = shapes.symbols ? shapes.symbols->resolve(shapes['T']) : shapes['T'];
    if (frames.is_known() && frames.value() < length) {
      throw Error(Exit::Graph, text("tensor.frames needs ", count_text(length, "frame"), " of a window, but it has ",
                                    frames.value()));
    }
  }

  Out<"frames", "like window[B,length,C,H,W]"> run(In<"window", "any[B,T,C,H,W]"> window, In<"at", "scalar"> at) {
    return frames_from(*window, *at, length);
  }
};

}  // namespace

void add_frames(Registry& registry) {
  registry.add<Frames>("tensor.frames");
}

}  // namespace weft::tensor
