#include "framework/vision/resize.h"
#include <weft/node.h>

#include <ATen/ops/empty_like.h>
#include <ATen/ops/rand.h>

#include <array>
#include <cmath>

namespace weft::pose {
namespace {

constexpr int64_t kParts = 24;

/// A DensePose map as the input of a pose network.
///
/// An erased part becomes background in all three channels.
///
/// Source: Wang et al. 2018, program; docs/papers/vid2vid.md.
struct DensePose {
  static constexpr auto about =
      "DensePose maps as conditions: the two surface coordinates stay in [-1, 1], and the part numbers 0 to 24 are "
      "scaled to [-1, 1]; read the pictures with media.image_folder without a size, because interpolated pixels are "
      "not part numbers";
  static constexpr bool on_host = true;
  static constexpr bool random = true;

  std::optional<std::vector<int64_t>> size;
  bool remove_face = false;
  double drop_probability = 0;

  void params(Params& p) {
    p("size", size, "height and width of the map, resized by nearest neighbour; default: those of the picture")
        .count({2})
        .min(1)
        .max(32768);
    p("remove_face", remove_face,
      "erases the head, parts 23 and 24, in every run; the original erases it in training only: set it in the training "
      "graph, and not in the graph that generates");
    p("drop_probability", drop_probability,
      "in training, the probability that a part is erased from a frame; 0.05 in the original")
        .min(0)
        .max(1);
  }

  void shape(Shapes& shapes) const {
    shapes.set('Y', size ? Dim(size->at(0)) : shapes['H']);
    shapes.set('X', size ? Dim(size->at(1)) : shapes['W']);
  }

  Out<"conditions", "conditions[B,3,Y,X]"> run(In<"image", "image[B,3,H,W]"> image, Context& context) {
    const at::Tensor picture =
        size ? vision::resize(*image, size->at(0), size->at(1), vision::Filter::Nearest) : *image;
    const at::Tensor plain = picture.to(at::kFloat).contiguous();
    const Erased erased = erased_parts(context);
    at::Tensor map = at::empty_like(plain);
    for (int64_t b = 0; b < plain.size(0); ++b) spread(plain[b], erased, map[b]);
    return map;
  }

 private:
  using Erased = std::array<bool, kParts + 1>;

  /// One picture, [3, Y, X].
  static void spread(const at::Tensor& picture, const Erased& erased, const at::Tensor& map) {
    const int64_t count = picture.size(1) * picture.size(2);
    const float *u = picture.const_data_ptr<float>(), *v = u + count, *coded = v + count;
    float* out = map.mutable_data_ptr<float>();
    for (int64_t i = 0; i < count; ++i) {
      const auto part = static_cast<int64_t>(std::nearbyint((coded[i] + 1) * 127.5F));
      if (part < 0 || part > kParts) refuse(part);
      const bool is_seen = !erased[static_cast<size_t>(part)];
      out[i] = is_seen ? u[i] : -1;
      out[count + i] = is_seen ? v[i] : -1;
      out[2 * count + i] = is_seen ? static_cast<float>(part) / kParts * 2 - 1 : -1;
    }
  }

  [[noreturn]] static void refuse(int64_t part) {
    throw Error(Exit::Data, text("the third channel of a DensePose picture must hold part numbers, 0 to ", kParts,
                                 ", but here it holds ", part))
        .hint("the picture must be DensePose's IUV picture, read without resizing");
  }

  Erased erased_parts(const Context& context) const {
    Erased erased = {};
    if (drop_probability > 0 && context.is_training()) {
      const at::Tensor drawn = at::rand({kParts}, context.generator(at::kCPU), at::kDouble);
      const double* numbers = drawn.const_data_ptr<double>();
      for (size_t part = 1; part <= kParts; ++part) erased[part] = numbers[part - 1] < drop_probability;
    }
    if (remove_face) erased[23] = erased[24] = true;
    return erased;
  }
};

}  // namespace

void add_densepose(Registry& registry) {
  registry.add<DensePose>("pose.densepose");
}

}  // namespace weft::pose
