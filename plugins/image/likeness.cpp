#include <weft/node.h>

#include <ATen/TensorOperators.h>

namespace weft::image {
namespace {

/// Similarity of two images, or of two maps of probabilities, at each pixel.
///
///   likeness = where * exp(-steepness * mean over channels of |a - b|)
struct Likeness {
  static constexpr auto about =
      "Similarity of two images, or of two maps of probabilities, at each pixel: where * exp(-steepness * mean |a - "
      "b|), "
      "1 where they are equal; between a warped frame and the ground truth it tells where the warped frame can be used";

  double steepness = 4;

  void params(Params& p) {
    p("steepness", steepness, "how fast the similarity falls with the difference; images are in [-1, 1]").above(0);
  }

  Out<"mask", "mask[B,1,H,W]"> run(In<"a", "feature[B,C,H,W]"> a, In<"b", "feature[B,C,H,W]"> b,
                                   Opt<"where", "mask[B,1,H,W]"> where) {
    if (!a->is_floating_point() || !b->is_floating_point()) {
      throw Error(Exit::Graph, "image.likeness compares maps of values, but one of its inputs holds ids")
          .hint("semantics.one_hot converts labels to channels");
    }
    const at::Tensor alike = ((*a - *b).abs().mean(1, /*keepdim=*/true) * -steepness).exp();  // [B, 1, H, W]
    return where ? alike * *where : alike;
  }
};

}  // namespace

void add_likeness(Registry& registry) {
  registry.add<Likeness>("image.likeness");
}

}  // namespace weft::image
