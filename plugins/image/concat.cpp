#include <weft/node.h>

#include <ATen/ops/cat.h>

namespace weft::image {
namespace {

/// Puts maps one behind the other along the channels.
struct Concat {
  static constexpr auto about =
      "Joins maps of one size along the channels: in the order in which they are wired, as conditions for a "
      "network, in the type in which networks compute";

  void shape(Shapes& shapes) const {
    if (const auto channels = shapes.sum("in", 1)) shapes.set('C', *channels);
  }

  Out<"conditions", "conditions[B,C,H,W]"> run(Many<"in", "feature[B,*,H,W]"> in, Context& context) {
    std::vector<at::Tensor> parts;
    for (const at::Tensor& map : in.all()) {
      if (!map.is_floating_point()) {
        throw Error(Exit::Graph, "image.concat joins maps of values, but one of its inputs holds ids")
            .hint("labels become channels through semantics.one_hot, instances through semantics.edges");
      }
      parts.push_back(map.to(context.precision()).permute({0, 2, 3, 1}));
    }
    // Joined with the channels last, in memory too: it is how convolutions want them.
    return at::cat(parts, 3).permute({0, 3, 1, 2});  // [B, C, H, W]
  }
};

}  // namespace

void add_concat(Registry& registry) {
  registry.add<Concat>("image.concat");
}

}  // namespace weft::image
