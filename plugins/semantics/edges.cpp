#include <weft/nn.h>
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros_like.h>

namespace weft::semantics {
namespace {

/// Marks pixels that differ from the previous or the next pixel along one axis.
void mark_changes(const at::Tensor& ids, int64_t axis, const at::Tensor& edges) {
  const int64_t pairs = ids.size(axis) - 1;
  const at::Tensor differs = ids.narrow(axis, 1, pairs) != ids.narrow(axis, 0, pairs);
  edges.narrow(axis, 0, pairs).logical_or_(differs);
  edges.narrow(axis, 1, pairs).logical_or_(differs);
}

/// The borders between instances.
///
/// Source: Wang et al. 2018, "High-Resolution Image Synthesis and Semantic Manipulation with Conditional
/// GANs", section 3.3.
struct Edges {
  static constexpr auto about =
      "Edge map of instances: 1 where the left, right, upper or lower neighbour belongs to another instance, else 0; "
      "edges are two pixels wide";

  Out<"edges", "edges[B,1,H,W]"> run(In<"instances", "instances[B,1,H,W]"> instances, Context& context) {
    const at::Tensor edges = at::zeros_like(*instances, at::kBool);
    mark_changes(*instances, 2, edges);
    mark_changes(*instances, 3, edges);
    return nn::one_hot(edges.logical_not().to(at::kShort), {1}, context.precision());  // id 0 is an edge, 1 none
  }
};

}  // namespace

void add_edges(Registry& registry) {
  registry.add<Edges>("semantics.edges");
}

}  // namespace weft::semantics
