#include <weft/node.h>

namespace weft::metric {

void add_colour_constancy(Registry& registry);
void add_flicker(Registry& registry);
void add_mean(Registry& registry);
void add_psnr(Registry& registry);
void add_report(Registry& registry);
void add_sharpness(Registry& registry);
void add_ssim(Registry& registry);
void add_warp_error(Registry& registry);

}  // namespace weft::metric

WEFT_PLUGIN("metric", "0.1.0", registry) {
  weft::metric::add_psnr(registry);
  weft::metric::add_ssim(registry);
  weft::metric::add_warp_error(registry);
  weft::metric::add_flicker(registry);
  weft::metric::add_colour_constancy(registry);
  weft::metric::add_sharpness(registry);
  weft::metric::add_mean(registry);
  weft::metric::add_report(registry);
}
