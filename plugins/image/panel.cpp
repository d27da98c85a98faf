#include <weft/node.h>

#include <ATen/ops/full.h>

namespace weft::image {
namespace {

/// Several images as one, for people to compare.
struct Panel {
  static constexpr auto about =
      "Grid of images of one size: side by side and row by row in the order in which they are wired; the cell of an "
      "absent image is black, and unused cells are white";

  std::optional<int64_t> columns;
  int64_t gap = 0;

  void params(Params& p) {
    p("columns", columns, "images in a row; default: all in one row").min(1);
    p("gap", gap, "white pixels between images").min(0).max(1024);
  }

  void shape(Shapes& shapes) const {
    const auto count = static_cast<int64_t>(shapes.input("in").size());
    if (count == 0) return;
    if (const auto height = extent(shapes['H'], rows_of(count))) shapes.set('P', *height);
    if (const auto width = extent(shapes['W'], columns_of(count))) shapes.set('Q', *width);
  }

  Out<"panel", "image[B,3,P,Q]"> run(Many<"in", "image[B,3,H,W]"> in) {
    const auto count = static_cast<int64_t>(in.wired());
    const int64_t height = in[0].size(2), width = in[0].size(3);
    at::Tensor panel = at::full({in[0].size(0), 3, length(height, rows_of(count)), length(width, columns_of(count))},
                                1.0, in[0].options());
    const auto place = [&](int64_t i) {
      const int64_t row = i / columns_of(count), column = i % columns_of(count);
      return panel.narrow(2, row * (height + gap), height).narrow(3, column * (width + gap), width);
    };
    if (in.size() < in.wired()) {
      for (int64_t i = 0; i < count; ++i) place(i).fill_(-1);
    }
    for (size_t i = 0; i < in.size(); ++i) place(static_cast<int64_t>(in.place(i))).copy_(in[i]);
    return panel;
  }

 private:
  int64_t columns_of(int64_t count) const { return columns.value_or(count); }
  int64_t rows_of(int64_t count) const { return (count + columns_of(count) - 1) / columns_of(count); }
  int64_t length(int64_t side, int64_t count) const { return side * count + gap * (count - 1); }

  /// The same for a size that may be unknown; nothing where the result is unknown.
  std::optional<Dim> extent(const Dim& side, int64_t count) const {
    if (side.is_known()) return Dim(length(side.value(), count));
    if (gap == 0 || count == 1) return side * count;
    return {};
  }
};

}  // namespace

void add_panel(Registry& registry) {
  registry.add<Panel>("image.panel");
}

}  // namespace weft::image
