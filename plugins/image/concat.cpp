#include <weft/nn.h>
#include <weft/node.h>

#include <ATen/ops/empty.h>

namespace weft::image {
namespace {

/// Concatenates maps along the channel dimension.
struct Concat {
  static constexpr auto about =
      "Concatenates maps along the channel dimension: in the order in which they are wired, as conditions for a "
      "network; the result has the number type of the networks";

  void shape(Shapes& shapes) const {
    if (const auto channels = shapes.sum("in", 1)) shapes.set('C', *channels);
  }

  Out<"conditions", "conditions[B,C,H,W]"> run(Many<"in", "feature[B,*,H,W]"> in, Context& context) {
    std::vector<std::shared_ptr<const nn::OneHot>> by_ids;
    for (size_t i = 0; i < in.size() && in.map_or_ids(i).is_one_hot(); ++i)
      by_ids.push_back(in.map_or_ids(i).one_hot());
    if (by_ids.size() == in.size()) return nn::enter(nn::concatenated(by_ids), context.precision());
    for (const at::Tensor& map : in.all()) {
      if (!map.is_floating_point()) {
        throw Error(Exit::Graph, "image.concat concatenates maps of values, but one of its inputs holds ids")
            .hint("semantics.one_hot converts labels to channels, semantics.edges instances");
      }
    }
    return joined(in.all(), context.precision());
  }

 private:
  /// [B, C1, H, W], [B, C2, H, W], ... -> [B, C1 + C2 + ..., H, W], in the memory layout of the networks, in one pass.
  static at::Tensor joined(const std::vector<at::Tensor>& maps, at::ScalarType type) {
    int64_t channels = 0;
    for (const at::Tensor& map : maps) channels += map.size(1);
    const at::Tensor& first = maps.front();
    at::Tensor all = at::empty({first.size(0), channels, first.size(2), first.size(3)}, first.options().dtype(type),
                               nn::layout_of(type));
    int64_t begin = 0;
    for (const at::Tensor& map : maps) {
      all.narrow(1, begin, map.size(1)).copy_(map);
      begin += map.size(1);
    }
    return all;
  }
};

}  // namespace

void add_concat(Registry& registry) {
  registry.add<Concat>("image.concat");
}

}  // namespace weft::image
