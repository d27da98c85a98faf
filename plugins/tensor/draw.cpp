#include <weft/node.h>

#include <ATen/ops/randint.h>

namespace weft::tensor {
namespace {

/// A place in a window from the seed: which frames of a chunk a discriminator judges.
///
/// Source: Wang et al. 2018, "Video-to-Video Synthesis", section 3.1: the sampling operators of the losses.
struct Draw {
  static constexpr auto about =
      "Random position in a window: every position at which `length` frames fit has the same probability; chosen anew "
      "at every frame from the seed of the run. tensor.frame and tensor.frames that read one tensor.draw take the same "
      "frames";
  static constexpr bool random = true;

  int64_t length = 1;

  void params(Params& p) {
    p("length", length, "number of frames that must fit in the window, from the position on").min(1);
  }

  void shape(Shapes& shapes) const {
    const Dim frames = shapes.symbols ? shapes.symbols->resolve(shapes['T']) : shapes['T'];
    if (frames.is_known() && frames.value() < length) {
      throw Error(Exit::Graph,
                  text("tensor.draw needs ", count_text(length, "frame"), " in a window, but it has ", frames.value()));
    }
  }

  Out<"place", "scalar"> run(In<"window", "any[B,T,C,H,W]"> window, Context& context) {
    const auto frames = static_cast<int64_t>(window.frames().size());
    return at::randint(frames - length + 1, {}, context.generator(at::kCPU), at::TensorOptions().dtype(at::kLong))
        .to(context.device());
  }
};

}  // namespace

void add_draw(Registry& registry) {
  registry.add<Draw>("tensor.draw");
}

}  // namespace weft::tensor
