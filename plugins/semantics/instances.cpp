#include <weft/node.h>

#include <ATen/ops/aminmax.h>
#include <ATen/ops/empty_like.h>

#include <algorithm>
#include <numeric>

namespace weft::semantics {
namespace {

/// Sets of pixels that grow together: a forest in which each pixel points to one of its set.
class PixelSets {
 public:
  explicit PixelSets(int64_t pixels) : parents_(static_cast<size_t>(pixels)) {
    std::iota(parents_.begin(), parents_.end(), 0);
  }

  /// The representative of the set of `pixel`: the first of the set in reading order.
  int64_t root(int64_t pixel) {
    while (parent(pixel) != pixel) pixel = parent(pixel) = parent(parent(pixel));
    return pixel;
  }

  void join(int64_t a, int64_t b) {
    a = root(a);
    b = root(b);
    parent(std::max(a, b)) = std::min(a, b);
  }

 private:
  int64_t& parent(int64_t pixel) { return parents_[static_cast<size_t>(pixel)]; }

  std::vector<int64_t> parents_;
};

/// Gives each connected component of one label an id of its own, from `next_id` upwards.
template <typename HasComponents>
void number_components(const int64_t* labels, int64_t* ids, int64_t height, int64_t width, int64_t next_id,
                       const HasComponents& has_components) {
  PixelSets sets(height * width);
  for (int64_t p = 0; p < height * width; ++p) {
    if (p % width != 0 && labels[p] == labels[p - 1]) sets.join(p, p - 1);
    if (p >= width && labels[p] == labels[p - width]) sets.join(p, p - width);
  }
  for (int64_t p = 0; p < height * width; ++p) {
    if (!has_components(labels[p])) {
      ids[p] = labels[p];
    } else {
      const int64_t root = sets.root(p);
      ids[p] = root == p ? next_id++ : ids[root];
    }
  }
}

/// Instances from labels, by connected components.
struct Instances {
  static constexpr auto about =
      "Instance map from a label map, by connected components: pixels of one label that touch along a side are one "
      "instance; objects of one class that touch become one instance, and an object in two pieces becomes two";
  static constexpr bool on_host = true;

  std::vector<int64_t> classes;

  void params(Params& p) {
    p("classes", classes,
      "labels whose components are instances, such as cars; each other label is one instance; empty: all labels");
  }

  Out<"instances", "instances[B,1,H,W]"> run(In<"labels", "labels[B,1,H,W]"> labels, Context& context) {
    context.log().note_once(
        text(context.node(), ": there is no instance map, so touching pixels of one label are taken as one instance"));
    const at::Tensor from = labels->contiguous();
    at::Tensor instances = at::empty_like(from);
    // Ids of components come after all labels, which are ids too.
    const int64_t first_id = std::max<int64_t>(std::get<1>(at::aminmax(from)).item<int64_t>(), -1) + 1;
    const auto has_components = [&](int64_t label) {
      return classes.empty() || std::find(classes.begin(), classes.end(), label) != classes.end();
    };
    const int64_t pixels = from.size(2) * from.size(3);
    for (int64_t b = 0; b < from.size(0); ++b) {
      number_components(from.const_data_ptr<int64_t>() + b * pixels, instances.mutable_data_ptr<int64_t>() + b * pixels,
                        from.size(2), from.size(3), first_id, has_components);
    }
    return instances;
  }
};

}  // namespace

void add_instances(Registry& registry) {
  registry.add<Instances>("semantics.instances");
}

}  // namespace weft::semantics
