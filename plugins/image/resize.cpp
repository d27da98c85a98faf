#include <weft/nn.h>
#include <weft/node.h>
#include <weft/vision.h>

#include <cmath>

namespace weft::image {
namespace {

/// Brings a map to another size.
struct Resize {
  static constexpr auto about =
      "Resizes a map, antialiased: the filter grows with the reduction, so that video does not flicker; values are not "
      "scaled, so a flow still counts pixels of the original size, and bicubic may exceed the range a little";

  std::optional<std::vector<int64_t>> size;
  std::optional<double> factor;
  vision::Filter method = vision::Filter::Bilinear;

  void params(Params& p) {
    p("size", size, "height and width in pixels; or give `factor`").count({2}).min(1).max(65536);
    p("factor", factor,
      "scale factor of height and width, rounded to pixels; 1/2, 1/3 … need sizes that are divisible by it; or give "
      "`size`")
        .above(0)
        .max(64);
    p("method", method, "interpolation; ids need \"nearest\"",
      {{"nearest", vision::Filter::Nearest},
       {"bilinear", vision::Filter::Bilinear},
       {"bicubic", vision::Filter::Bicubic}});
  }

  void shape(Shapes& shapes) const {
    check_params();
    if (const auto height = side(0, shapes['H'])) shapes.set('P', *height);
    if (const auto width = side(1, shapes['W'])) shapes.set('Q', *width);
  }

  Out<"resized", "like in[B,C,P,Q]"> run(In<"in", "any[B,C,H,W]"> in) {
    check_params();
    const nn::MapOrIds map = in.map_or_ids();
    const int64_t height = whole_side(0, map.size(2)), width = whole_side(1, map.size(3));
    if (map.is_one_hot() && method == vision::Filter::Nearest) {  // which stays one
      const nn::OneHot& own = *map.one_hot();
      return nn::one_hot(vision::resize(own.ids(), height, width, method), own.channels(), own.type());
    }
    if (!in->is_floating_point() && method != vision::Filter::Nearest) {
      throw Error(Exit::Graph,
                  "image.resize cannot interpolate here: its input holds ids, which have no values between them")
          .hint("method = \"nearest\" resizes labels and instances");
    }
    return vision::resize(*in, height, width, method);
  }

 private:
  void check_params() const {
    if (size.has_value() != factor.has_value()) return;
    throw Error(Exit::Graph, text("image.resize needs either `size` or `factor`, and got ", size ? "both" : "neither"))
        .hint("`size = [height, width]`, or `factor = 0.5`");
  }

  /// One side of the result, 0 for the height and 1 for the width; nothing where it is not known yet.
  std::optional<Dim> side(size_t axis, const Dim& old) const {
    if (size) return Dim((*size)[axis]);
    const auto multiplier = std::llround(*factor), divisor = std::llround(1 / *factor);
    if (std::abs(*factor - static_cast<double>(multiplier)) < 1e-9) return old * multiplier;
    if (std::abs(*factor * static_cast<double>(divisor) - 1) < 1e-9) return old / divisor;
    if (!old.is_known()) return {};
    return Dim(std::max<int64_t>(std::llround(static_cast<double>(old.value()) * *factor), 1));
  }

  int64_t whole_side(size_t axis, int64_t old) const {
    const Dim wanted = *side(axis, Dim(old));
    if (wanted.is_known()) return wanted.value();
    throw Error(Exit::Graph, text("image.resize cannot divide ", axis == 0 ? "the height " : "the width ", old, " by ",
                                  wanted.denominator()))
        .hint("give `size = [height, width]` instead of `factor`");
  }
};

}  // namespace

void add_resize(Registry& registry) {
  registry.add<Resize>("image.resize");
}

}  // namespace weft::image
