#include "plugins/tensor/frames.h"

namespace weft::tensor {
namespace {

/// A shorter window out of a window.
struct Frames {
  static constexpr auto about =
      "`length` consecutive frames of a window, from the place on that tensor.draw, say, has drawn; a place that "
      "leaves too "
      "few frames is the last that does not";

  int64_t length = 3;

  void params(Params& p) { p("length", length, "of the window that comes out, in frames").min(1); }

  void shape(Shapes& shapes) const {
    const Dim frames = shapes.symbols ? shapes.symbols->resolve(shapes['T']) : shapes['T'];
    if (frames.is_known() && frames.value() < length) {
      throw Error(Exit::Graph, text("tensor.frames takes ", count_text(length, "frame"),
                                    " out of a window, but it has ", frames.value()));
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
