#include <weft/node.h>

#include <ATen/ops/stack.h>

namespace weft::fewshot {
namespace {

/// Several examples, each from a node of its own, as one value.
struct Gather {
  static constexpr auto about =
      "Several examples as one value [B,K,C,H,W]: their images, or their label maps, in the order in which they are "
      "wired. media.image_set and media.label_set give all pictures of a folder as a batch: with `from_batch`, its "
      "samples are the examples of one video";

  bool from_batch = false;

  void params(Params& p) {
    p("from_batch", from_batch, "the samples of each input are examples of one video, not of several videos");
  }

  Out<"examples", "like in[B,K,C,H,W]"> run(Many<"in", "any[N,C,H,W]"> in) const {
    const at::Tensor all = at::stack(in.all(), 1);                             // [N, K, C, H, W]
    return from_batch ? all.transpose(0, 1).flatten(0, 1).unsqueeze(0) : all;  // [1, K * N, C, H, W]
  }
};

}  // namespace

void add_gather(Registry& registry) {
  registry.add<Gather>("fewshot.gather");
}

}  // namespace weft::fewshot
