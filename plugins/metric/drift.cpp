#include "framework/base/error.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/scalar_tensor.h>

namespace weft::metric {
namespace {

/// The trend of a number over the frames of a sequence.
struct Drift {
  static constexpr bool on_host = true;
  static constexpr auto about =
      "Long-run drift: how a metric changes over a sequence. `slope` is that of the line of least squares through its "
      "values "
      "so far, times `per` frames; `change` is that slope over all frames so far. Feed any number, such as SSIM, "
      "sharpness "
      "or the mean colour; both are 0 at the first frame. At the last frame it is the drift of the sequence";

  int64_t per = 100;

  void params(Params& p) { p("per", per, "frames that `slope` is for").min(1); }

  std::tuple<Out<"slope", "scalar">, Out<"change", "scalar">> run(In<"value", "scalar"> value) {
    const double y = value->item<double>(), x = static_cast<double>(frames_);
    ++frames_;
    // Updates of means and sums of products about them, which do not cancel in long sequences (Welford).
    const auto n = static_cast<double>(frames_);
    const double of_x = x - mean_x_;
    mean_x_ += of_x / n;
    mean_y_ += (y - mean_y_) / n;
    squares_ += of_x * (x - mean_x_);
    products_ += of_x * (y - mean_y_);
    const double slope = squares_ > 0 ? products_ / squares_ : 0;
    return {at::scalar_tensor(slope * static_cast<double>(per), at::kDouble),
            at::scalar_tensor(slope * (n - 1), at::kDouble)};
  }

  void reset() {
    frames_ = 0;
    mean_x_ = mean_y_ = squares_ = products_ = 0;
  }
  void state(Archive& archive) {
    archive("frames", frames_);
    archive("mean_x", mean_x_);
    archive("mean_y", mean_y_);
    archive("squares", squares_);
    archive("products", products_);
  }

 private:
  int64_t frames_ = 0;
  double mean_x_ = 0, mean_y_ = 0, squares_ = 0, products_ = 0;
};

}  // namespace

void add_drift(Registry& registry) {
  registry.add<Drift>("metric.drift");
}

}  // namespace weft::metric
