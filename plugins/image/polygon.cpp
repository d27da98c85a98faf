#include "plugins/image/polygon_file.h"
#include <weft/node.h>

#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

namespace weft::image {
namespace {

/// Where the row at height `y` enters and leaves the polygon, in rising order. A corner belongs to the edge that goes down
/// from it, so that each crossing counts once.
std::vector<double> crossings(const Polygon& polygon, double y) {
  std::vector<double> crossings;
  for (size_t i = 0; i < polygon.size(); ++i) {
    const Point &a = polygon[i], &b = polygon[(i + 1) % polygon.size()];
    if ((a[1] <= y) == (b[1] <= y)) continue;
    crossings.push_back(a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]));
  }
  std::sort(crossings.begin(), crossings.end());
  return crossings;
}

/// The first pixel of a row whose centre is at x or right of it.
int64_t column_from(double x, int64_t width) {
  return static_cast<int64_t>(std::ceil(std::clamp(x - 0.5, 0.0, static_cast<double>(width))));
}

/// 1 at pixels whose centre lies inside, by the even-odd rule, else 0.
/// @returns [1, 1, height, width] float
at::Tensor filled(const Polygon& polygon, int64_t height, int64_t width) {
  at::Tensor mask = at::zeros({1, 1, height, width});
  auto* const pixels = mask.mutable_data_ptr<float>();
  for (int64_t row = 0; row < height; ++row) {
    const std::vector<double> borders = crossings(polygon, static_cast<double>(row) + 0.5);
    for (size_t i = 0; i + 1 < borders.size(); i += 2) {
      float* const begin = pixels + row * width;
      std::fill(begin + column_from(borders[i], width), begin + column_from(borders[i + 1], width), 1.0F);
    }
  }
  return mask;
}

/// A drawn region, which may move.
struct PolygonMask {
  static constexpr auto about =
      "Polygon mask over time from a text file: 1 inside, 0 outside, in the size of another map. Each row "
      "`t x1 y1 x2 y2 x3 y3 …` of the file is a key frame: t in frames, x and y in pixels from the upper left corner. "
      "Points move linearly between key frames and stand still before the first and after the last one; they may lie "
      "outside of the frame";

  Path path;
  std::optional<std::vector<int64_t>> size;

  void params(Params& p) {
    p("path", path, "the file; rows that begin with # are ignored").required();
    p("size", size,
      "height and width of the frames on which the points were drawn, where the map has another size; default: that of "
      "the map")
        .count({2})
        .min(1);
  }

  Out<"mask", "mask[B,1,H,W]"> run(In<"in", "any[B,C,H,W]"> in, Context& context) {
    if (keys_.empty()) keys_ = read_polygon_file(path);
    const int64_t height = in->size(2), width = in->size(3);
    Polygon polygon = polygon_at(keys_, static_cast<double>(context.frame()));
    if (size) {
      const double x = static_cast<double>(width) / static_cast<double>((*size)[1]);
      const double y = static_cast<double>(height) / static_cast<double>((*size)[0]);
      for (Point& point : polygon) point = {point[0] * x, point[1] * y};
    }
    return filled(polygon, height, width).expand({in->size(0), 1, height, width}).contiguous().to(in->device());
  }

  // The mask depends on t, also where `in` is static: a node with state is not taken for a static value, nor folded.
  void reset() {}
  void state(Archive&) {}

 private:
  std::vector<PolygonKey> keys_;  ///< depend on the parameters alone, so they are not state
};

}  // namespace

void add_polygon(Registry& registry) {
  registry.add<PolygonMask>("image.polygon");
}

}  // namespace weft::image
