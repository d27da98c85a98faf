#include <weft/node.h>

#include <ATen/TensorOperators.h>

#include <algorithm>

namespace weft::metric {
namespace {

/// Errors of optical flow.
///
/// Source: Baker et al. 2011 (end-point error); Menze and Geiger 2015, KITTI (Fl).
struct FlowError {
  static constexpr auto about =
      "Optical flow error: mean end-point error (EPE) in pixels, the shares of pixels with an error below 1, 3 and 5 "
      "pixels, "
      "and KITTI's Fl, the percentage with an error above 3 pixels and above 5 % of the true length; over the pixels "
      "where "
      "`mask` is 1. `pixels` is their number: give it to metric.report as `weight`, so that frames without any do not "
      "count";

  std::tuple<Out<"epe", "scalar">, Out<"within_1px", "scalar">, Out<"within_3px", "scalar">,
             Out<"within_5px", "scalar">, Out<"fl", "scalar">, Out<"pixels", "scalar">>
  run(In<"flow", "flow[B,2,H,W]"> flow, In<"target", "flow[B,2,H,W]"> target, Opt<"mask", "mask[B,1,H,W]"> mask) {
    const at::Tensor wanted = target->to(at::kDouble);
    at::Tensor error = (flow->to(at::kDouble) - wanted).square().sum(1, /*keepdim=*/true).sqrt();  // [B, 1, H, W]
    at::Tensor length = wanted.square().sum(1, /*keepdim=*/true).sqrt();
    if (mask) {
      const at::Tensor counts = *mask > 0.5;  // data sets leave what is unknown at any number, also infinite ones
      error = error.masked_select(counts);
      length = length.masked_select(counts);
    }
    const int64_t pixels = error.numel();
    const auto mean = [&](const at::Tensor& of_pixels) {
      return of_pixels.to(at::kDouble).sum() / static_cast<double>(std::max<int64_t>(pixels, 1));
    };
    const at::Tensor is_wrong = (error > 3).logical_and(error > length * 0.05);
    return {mean(error),     mean(error < 1),      mean(error < 3),
            mean(error < 5), mean(is_wrong) * 100, mean(error * 0) + static_cast<double>(pixels)};
  }
};

}  // namespace

void add_flow_error(Registry& registry) {
  registry.add<FlowError>("metric.flow_error");
}

}  // namespace weft::metric
