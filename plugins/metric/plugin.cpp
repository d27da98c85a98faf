#include <weft/node.h>

namespace weft::metric {

void add_checkerboard(Registry& registry);
void add_colour_constancy(Registry& registry);
void add_diversity(Registry& registry);
void add_drift(Registry& registry);
void add_errors(Registry& registry);
void add_flicker(Registry& registry);
void add_flow_error(Registry& registry);
void add_frechet(Registry& registry);
void add_i3d_features(Registry& registry);
void add_inception_features(Registry& registry);
void add_kernel_distance(Registry& registry);
void add_lpips(Registry& registry);
void add_mean(Registry& registry);
void add_ms_ssim(Registry& registry);
void add_pose_error(Registry& registry);
void add_psnr(Registry& registry);
void add_report(Registry& registry);
void add_resnext3d_features(Registry& registry);
void add_segmentation(Registry& registry);
void add_sharpness(Registry& registry);
void add_ssim(Registry& registry);
void add_warp_error(Registry& registry);

}  // namespace weft::metric

WEFT_PLUGIN("metric", "0.1.0", registry) {
  weft::metric::add_checkerboard(registry);
  weft::metric::add_colour_constancy(registry);
  weft::metric::add_diversity(registry);
  weft::metric::add_drift(registry);
  weft::metric::add_errors(registry);
  weft::metric::add_flicker(registry);
  weft::metric::add_flow_error(registry);
  weft::metric::add_frechet(registry);
  weft::metric::add_i3d_features(registry);
  weft::metric::add_inception_features(registry);
  weft::metric::add_kernel_distance(registry);
  weft::metric::add_lpips(registry);
  weft::metric::add_mean(registry);
  weft::metric::add_ms_ssim(registry);
  weft::metric::add_pose_error(registry);
  weft::metric::add_psnr(registry);
  weft::metric::add_report(registry);
  weft::metric::add_resnext3d_features(registry);
  weft::metric::add_segmentation(registry);
  weft::metric::add_sharpness(registry);
  weft::metric::add_ssim(registry);
  weft::metric::add_warp_error(registry);
}
