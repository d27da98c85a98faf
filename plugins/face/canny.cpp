#include "plugins/face/canny.h"

#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace weft::face {
namespace {

/// A picture of real numbers, with one more pixel on each side, a copy of the border.
///
/// Everything is computed in double and in the order in which SciPy filters: symmetric neighbours are added
/// first, from the outermost inwards. On flat patches gradients tie to the last bit, and which pixel then
/// wins depends on it.
class Field {
 public:
  Field(int64_t height, int64_t width)
      : height_(height), stride_(width + 2), values_(static_cast<size_t>((height + 2) * stride_)) {}

  int64_t height() const { return height_; }
  int64_t width() const { return stride_ - 2; }
  /// Row -1 to `height`; its columns go from -1 to `width`.
  double* row(int64_t y) { return values_.data() + (y + 1) * stride_ + 1; }
  const double* row(int64_t y) const { return values_.data() + (y + 1) * stride_ + 1; }

  void fill_border() {
    for (int64_t y = 0; y < height_; ++y) {
      row(y)[-1] = row(y)[0];
      row(y)[width()] = row(y)[width() - 1];
    }
    std::copy_n(row(0) - 1, stride_, row(-1) - 1);
    std::copy_n(row(height_ - 1) - 1, stride_, row(height_) - 1);
  }

 private:
  int64_t height_;
  int64_t stride_;
  std::vector<double> values_;
};

/// Weighs each pixel's neighbours by a Gaussian, down and then to the right, with zeros outside; a row at a
/// time.
class Smoother {
 public:
  Smoother(double sigma, int64_t width) : radius_(static_cast<int64_t>(4 * sigma + 0.5)), width_(width) {
    const auto weight = [sigma](int64_t i) { return std::exp(-0.5 / (sigma * sigma) * static_cast<double>(i * i)); };
    double sum = 0;
    for (int64_t i = -radius_; i <= radius_; ++i) sum += weight(i);
    for (int64_t i = 0; i <= radius_; ++i) weights_.push_back(weight(i) / sum);
    zeros_.resize(static_cast<size_t>(width));
    padded_.resize(static_cast<size_t>(width + 2 * radius_));
  }

  int64_t radius() const { return radius_; }

  /// @param row_at  gives the row at a height within the picture
  template <typename RowAt>
  void smooth(const RowAt& row_at, int64_t y, int64_t height, double* out) {
    const auto row = [&](int64_t at) { return at < 0 || at >= height ? zeros_.data() : row_at(at); };
    double* middle = padded_.data() + radius_;
    const auto around = [&](int64_t i) { return std::pair(row(y - i), row(y + i)); };
    const auto beside = [&](int64_t i) { return std::pair(middle - i, middle + i); };
    weigh(around, middle);
    weigh(beside, out);
  }

 private:
  template <typename Neighbours>
  void weigh(const Neighbours& neighbours, double* sum) const {
    const double* centre = neighbours(0).first;
    for (int64_t x = 0; x < width_; ++x) sum[x] = centre[x] * weights_[0];
    for (int64_t i = radius_; i >= 1; --i) {
      const auto [before, after] = neighbours(i);
      const double weight = weights_[static_cast<size_t>(i)];
      for (int64_t x = 0; x < width_; ++x) sum[x] += (before[x] + after[x]) * weight;
    }
  }

  int64_t radius_;
  int64_t width_;
  std::vector<double> weights_;  // the centre's, then outwards
  std::vector<double> zeros_;
  std::vector<double> padded_;  // zeros on both sides
};

/// Grey values in [0, 1].
Field brightness_of(const at::Tensor& grey) {
  Field brightness(grey.size(0), grey.size(1));
  const uint8_t* bytes = grey.const_data_ptr<uint8_t>();
  for (int64_t y = 0; y < brightness.height(); ++y, bytes += brightness.width()) {
    std::transform(bytes, bytes + brightness.width(), brightness.row(y),
                   [](uint8_t value) { return value * (1.0 / 255); });
  }
  return brightness;
}

/// Compensates the darkening at borders that padding with zeros causes.
Field smoothed(const Field& in, double sigma) {
  const int64_t height = in.height(), width = in.width();
  Smoother smoother(sigma, width);
  const auto is_inside = [&](int64_t y) { return y >= smoother.radius() && y < height - smoother.radius(); };
  const std::vector<double> ones(static_cast<size_t>(width), 1.0);
  std::vector<double> kept(static_cast<size_t>(width));
  Field out(height, width);
  for (int64_t y = 0; y < height; ++y) {
    // Away from the borders all rows lose the same.
    const bool is_kept_known = is_inside(y) && is_inside(y - 1);
    if (!is_kept_known) smoother.smooth([&](int64_t) { return ones.data(); }, y, height, kept.data());
    double* row = out.row(y);
    smoother.smooth([&](int64_t at) { return in.row(at); }, y, height, row);
    for (int64_t x = 0; x < width; ++x) {
      row[x] /= kept[static_cast<size_t>(x)] + std::numeric_limits<double>::epsilon();
    }
  }
  out.fill_border();
  return out;
}

/// The change of brightness, by Sobel's weights.
struct Gradient {
  double right;
  double down;
};

Gradient gradient_at(const double* above, const double* here, const double* below) {
  return {(here[1] - here[-1]) * 2 + ((above[1] - above[-1]) + (below[1] - below[-1])),
          (below[0] - above[0]) * 2 + ((below[-1] - above[-1]) + (below[1] - above[1]))};
}

Field gradient_lengths(const Field& smooth) {
  Field lengths(smooth.height(), smooth.width());
  for (int64_t y = 0; y < smooth.height(); ++y) {
    const double *above = smooth.row(y - 1), *here = smooth.row(y), *below = smooth.row(y + 1);
    double* length = lengths.row(y);
    for (int64_t x = 0; x < smooth.width(); ++x) {
      const auto [right, down] = gradient_at(above + x, here + x, below + x);
      length[x] = std::sqrt(right * right + down * down);
    }
  }
  return lengths;
}

/// Whether the gradient at a pixel is at least as long as on both sides, where its direction crosses the ring
/// of neighbours.
bool is_ridge(const Field& smooth, const Field& lengths, int64_t y, int64_t x) {
  const auto [right, down] = gradient_at(smooth.row(y - 1) + x, smooth.row(y) + x, smooth.row(y + 1) + x);
  const double along_x = std::abs(right), along_y = std::abs(down);
  const int64_t diagonal = right * down >= 0 ? 1 : -1;
  const bool is_flat = along_x >= along_y;
  const double share = is_flat ? along_y / along_x : along_x / along_y;  // of the diagonal neighbour
  const auto beside = [&](int64_t side) {
    const double corner =
        is_flat ? lengths.row(y + side * diagonal)[x + side] : lengths.row(y + side)[x + side * diagonal];
    const double straight = is_flat ? lengths.row(y)[x + side] : lengths.row(y + side)[x];
    return corner * share + straight * (1 - share);
  };
  const double here = lengths.row(y)[x];
  return here >= beside(1) && here >= beside(-1);
}

/// Grows the strong pixels of `edges` over the weak ones that touch them, and drops the other weak ones.
class Hysteresis {
 public:
  enum Mark : uint8_t { kNone, kWeak, kEdge };

  Hysteresis(int64_t height, int64_t width)
      : height_(height), width_(width), marks_(static_cast<size_t>(height * width)) {}

  void add(int64_t y, int64_t x, bool is_strong) {
    marks_[static_cast<size_t>(y * width_ + x)] = is_strong ? kEdge : kWeak;
    if (is_strong) growing_.push_back(y * width_ + x);
  }

  at::Tensor edges() {
    while (!growing_.empty()) {
      const int64_t pixel = growing_.back();
      growing_.pop_back();
      grow_from(pixel / width_, pixel % width_);
    }
    at::Tensor edges = at::zeros({height_, width_}, at::kBool);
    std::transform(marks_.begin(), marks_.end(), edges.data_ptr<bool>(), [](uint8_t mark) { return mark == kEdge; });
    return edges;
  }

 private:
  /// Marks lie at least one pixel inside, so that all neighbours exist.
  void grow_from(int64_t y, int64_t x) {
    for (int64_t down = -1; down <= 1; ++down) {
      for (int64_t right = -1; right <= 1; ++right) {
        const int64_t neighbour = (y + down) * width_ + x + right;
        if (marks_[static_cast<size_t>(neighbour)] == kWeak) {
          marks_[static_cast<size_t>(neighbour)] = kEdge;
          growing_.push_back(neighbour);
        }
      }
    }
  }

  int64_t height_;
  int64_t width_;
  std::vector<uint8_t> marks_;
  std::vector<int64_t> growing_;
};

}  // namespace

at::Tensor canny(const at::Tensor& grey, const CannyOptions& options) {
  const Field smooth = smoothed(brightness_of(grey.contiguous()), options.sigma);
  const Field lengths = gradient_lengths(smooth);
  Hysteresis hysteresis(smooth.height(), smooth.width());
  for (int64_t y = 1; y < smooth.height() - 1; ++y) {
    for (int64_t x = 1; x < smooth.width() - 1; ++x) {
      const double length = lengths.row(y)[x];
      if (length >= options.low && length > 0 && is_ridge(smooth, lengths, y, x)) {
        hysteresis.add(y, x, length >= options.high);
      }
    }
  }
  return hysteresis.edges();
}

}  // namespace weft::face
