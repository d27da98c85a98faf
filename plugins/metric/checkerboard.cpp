#include "framework/base/error.h"
#include "framework/base/text.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/fft_fft2.h>
#include <ATen/ops/hann_window.h>

#include <algorithm>

namespace weft::metric {
namespace {

constexpr double kTiny = 1e-12;

/// Periodic patterns that upsampling layers leave.
///
/// The power spectrum at the frequencies of a pattern with `period` pixels, against the median of the frequencies around
/// each. Source of the artefact: Odena et al. 2016, "Deconvolution and Checkerboard Artifacts".
struct Checkerboard {
  static constexpr bool stops_gradients = true;
  static constexpr auto about =
      "Checkerboard score (spectral): by how many decibels the power spectrum of an image stands out at the "
      "frequencies of a "
      "pattern with `period` pixels, above the median of the frequencies around them. 0 to 3 dB for images without "
      "such a "
      "pattern; transposed convolutions with stride 2 leave period 2. With a reference: less the reference's score";

  int64_t period = 2;
  int64_t around = 4;

  void params(Params& p) {
    p("period", period, "of the pattern, in pixels: the stride of the upsampling layers, or a product of them").min(2);
    p("around", around, "distance of the frequencies that are compared, in steps of the spectrum").min(1).max(64);
  }

  Out<"value", "scalar"> run(In<"image", "image[B,3,H,W]"> image, Opt<"reference", "image[B,3,H,W]"> reference) {
    const int64_t least = (2 * around + 2) * period;
    if (std::min(image->size(2), image->size(3)) < least) {
      throw Error(Exit::Graph, text("metric.checkerboard with period = ", period, " and around = ", around,
                                    " wants images of at least ", least, 'x', least, " pixels"))
          .hint("use a smaller `around`");
    }
    const at::Tensor score = score_of(*image);
    return reference ? score - score_of(*reference) : score;
  }

 private:
  /// The power at each frequency, averaged over batch and channels. The image is tapered, so that its border leaves no
  /// lines; a size that is no multiple of the period is cut, so that the pattern falls on a frequency.
  at::Tensor power_of(const at::Tensor& image) const {
    const int64_t height = image.size(2) / period * period, width = image.size(3) / period * period;
    at::Tensor x = image.narrow(2, 0, height).narrow(3, 0, width).to(at::kDouble);
    x = x - x.mean({2, 3}, /*keepdim=*/true);
    const at::Tensor taper = at::hann_window(height, x.options()).outer(at::hann_window(width, x.options()));
    return at::fft_fft2(x * taper).abs().square().flatten(0, 1).mean(0);  // [H, W]
  }

  at::Tensor score_of(const at::Tensor& image) const {
    const at::Tensor power = power_of(image);
    const int64_t height = power.size(0), width = power.size(1);
    at::Tensor sum;
    int64_t peaks = 0;
    for (int64_t i = 0; i < period; ++i) {
      for (int64_t j = 0; j < period; ++j) {
        if (i == 0 && j == 0) continue;
        const at::Tensor decibels = stands_out(power, i * (height / period), j * (width / period));
        sum = sum.defined() ? sum + decibels : decibels;
        ++peaks;
      }
    }
    return sum / static_cast<double>(peaks);
  }

  /// The power at a frequency above the median around it. The taper spreads a line over its neighbours, which are left out.
  at::Tensor stands_out(const at::Tensor& power, int64_t row, int64_t column) const {
    const auto near = [&](int64_t centre, int64_t size) {
      const at::Tensor offsets = at::arange(-around, around + 1, power.options().dtype(at::kLong));
      return (offsets + centre).remainder(size);
    };
    const at::Tensor square =
        power.index_select(0, near(row, power.size(0))).index_select(1, near(column, power.size(1)));
    const at::Tensor offsets = at::arange(-around, around + 1, power.options().dtype(at::kLong)).abs();
    const at::Tensor is_ring = (offsets.unsqueeze(1) > 1).logical_or(offsets.unsqueeze(0) > 1);
    const at::Tensor ring = around > 1 ? square.masked_select(is_ring) : square.flatten();
    return 10 * ((square[around][around] + kTiny) / (ring.median() + kTiny)).log10();
  }
};

}  // namespace

void add_checkerboard(Registry& registry) {
  registry.add<Checkerboard>("metric.checkerboard");
}

}  // namespace weft::metric
