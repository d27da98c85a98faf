#include "plugins/media/tone_map.h"

extern "C" {
#include <libavutil/mastering_display_metadata.h>
}

#include <ATen/TensorOperators.h>
#include <ATen/ops/einsum.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>

#include <algorithm>
#include <cmath>

namespace weft::media {
namespace {

constexpr double kWhite = 203;        // cd/m², of a page in HDR
constexpr double kUsualPeak = 1000;   // cd/m²
constexpr double kBrightest = 10000;  // of PQ

// PQ, SMPTE ST 2084.
constexpr double kM1 = 2610.0 / 16384, kM2 = 2523.0 / 4096 * 128;
constexpr double kC1 = 3424.0 / 4096, kC2 = 2413.0 / 4096 * 32, kC3 = 2392.0 / 4096 * 32;

/// [0, 1] -> cd/m².
at::Tensor light_of_pq(const at::Tensor& coded) {
  const at::Tensor power = coded.pow(1 / kM2);
  return ((power - kC1).clamp_min(0) / (kC2 - kC3 * power)).pow(1 / kM1) * kBrightest;
}

/// cd/m² -> [0, 1].
at::Tensor pq_of_light(const at::Tensor& light) {
  const at::Tensor power = (light / kBrightest).clamp_min(0).pow(kM1);
  return ((kC1 + kC2 * power) / (1 + kC3 * power)).pow(kM2);
}

double pq_of_light(double light) {
  const double power = std::pow(light / kBrightest, kM1);
  return std::pow((kC1 + kC2 * power) / (1 + kC3 * power), kM2);
}

/// [1, 3, H, W] in [0, 1] -> cd/m² on a display of 1000 cd/m².
at::Tensor light_of_hlg(const at::Tensor& coded) {
  constexpr double kA = 0.17883277, kB = 1 - 4 * kA, kGamma = 1.2;
  const double c = 0.5 - kA * std::log(4 * kA);
  const at::Tensor scene =
      at::where(coded <= 0.5, coded.square() / 3, (((coded - c) / kA).exp() + kB) / 12);  // of the camera
  const at::Tensor weights = at::tensor({0.2627, 0.6780, 0.0593}, scene.options()).view({1, 3, 1, 1});
  const at::Tensor luminance = (scene * weights).sum(1, /*keepdim=*/true);
  return scene * luminance.clamp_min(1e-6).pow(kGamma - 1) * kUsualPeak;
}

/// How much light of a source with this peak a display whose white is its brightest gives: the same up to a knee, then
/// along a spline to white. @param light  cd/m²
at::Tensor eetf(const at::Tensor& light, double peak) {
  const double of_peak = pq_of_light(peak), most = pq_of_light(kWhite) / of_peak, knee = 1.5 * most - 0.5;
  if (most >= 1) return light;
  const at::Tensor e = (pq_of_light(light) / of_peak).clamp_max(1);
  const at::Tensor t = (e - knee) / (1 - knee), t2 = t * t, t3 = t2 * t;
  const at::Tensor spline = (2 * t3 - 3 * t2 + 1) * knee + (t3 - 2 * t2 + t) * (1 - knee) + (-2 * t3 + 3 * t2) * most;
  return light_of_pq(at::where(e < knee, e, spline) * of_peak);
}

}  // namespace

bool is_hdr(const AVFrame& frame) {
  return frame.color_trc == AVCOL_TRC_SMPTE2084 || frame.color_trc == AVCOL_TRC_ARIB_STD_B67;
}

double peak_of(const AVFrame& frame) {
  if (frame.color_trc == AVCOL_TRC_ARIB_STD_B67) return kUsualPeak;
  double peak = 0;
  if (const AVFrameSideData* data = av_frame_get_side_data(&frame, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL))
    peak = reinterpret_cast<const AVContentLightMetadata*>(data->data)->MaxCLL;
  const AVFrameSideData* data = av_frame_get_side_data(&frame, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA);
  if (peak == 0 && data) {
    const auto& display = *reinterpret_cast<const AVMasteringDisplayMetadata*>(data->data);
    if (display.has_luminance != 0 && display.max_luminance.den > 0) peak = av_q2d(display.max_luminance);
  }
  return peak > 0 ? std::clamp(peak, kWhite, kBrightest) : kUsualPeak;
}

at::Tensor tone_mapped(const at::Tensor& image, AVColorTransferCharacteristic trc, double peak) {
  const at::Tensor coded = (image + 1) / 2;
  at::Tensor light = trc == AVCOL_TRC_ARIB_STD_B67 ? light_of_hlg(coded) : light_of_pq(coded);  // [1, 3, H, W], cd/m²
  const at::Tensor largest = light.amax({1}, /*keepdim=*/true).clamp_min(1e-4);
  light = light * (eetf(largest, peak) / largest);
  const at::Tensor to_bt709 =
      at::tensor({1.6605, -0.5876, -0.0728, -0.1246, 1.1329, -0.0083, -0.0182, -0.1006, 1.1187}, light.options())
          .view({3, 3});
  const at::Tensor shown = at::einsum("oc,bchw->bohw", {to_bt709, light / kWhite});
  return shown.clamp(0, 1).pow(1 / 2.4) * 2 - 1;
}

}  // namespace weft::media
