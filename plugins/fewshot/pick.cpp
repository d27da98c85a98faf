#include <weft/node.h>

#include <ATen/ops/arange.h>

namespace weft::fewshot {
namespace {

/// One of several examples.
struct Pick {
  static constexpr auto about =
      "One example of several: the first one, or, for each sample, the one with the index `which`, such as the example "
      "that fewshot.attention looks at most";

  Out<"example", "like examples[B,C,H,W]"> run(In<"examples", "any[B,K,C,H,W]"> examples,
                                               Opt<"which", "any[B]"> which) {
    if (!which) return examples->select(1, 0);
    const at::Tensor index = which->to(at::kLong).clamp(0, examples->size(1) - 1);
    return examples->index({at::arange(examples->size(0), index.options()), index});  // [B, C, H, W]
  }
};

}  // namespace

void add_pick(Registry& registry) {
  registry.add<Pick>("fewshot.pick");
}

}  // namespace weft::fewshot
