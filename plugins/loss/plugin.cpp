#include <weft/node.h>

namespace weft::loss {

void add_cross_entropy(Registry& registry);
void add_feature_matching(Registry& registry);
void add_flow_endpoint(Registry& registry);
void add_gan(Registry& registry);
void add_gradient_difference(Registry& registry);
void add_kl(Registry& registry);
void add_l1(Registry& registry);
void add_l2(Registry& registry);
void add_mask(Registry& registry);
void add_ssim(Registry& registry);
void add_vgg(Registry& registry);
void add_warp_fake(Registry& registry);
void add_warp_real(Registry& registry);

}  // namespace weft::loss

WEFT_PLUGIN("loss", "0.1.0", registry) {
  weft::loss::add_gan(registry);
  weft::loss::add_feature_matching(registry);
  weft::loss::add_vgg(registry);
  weft::loss::add_flow_endpoint(registry);
  weft::loss::add_warp_real(registry);
  weft::loss::add_warp_fake(registry);
  weft::loss::add_mask(registry);
  weft::loss::add_l1(registry);
  weft::loss::add_l2(registry);
  weft::loss::add_ssim(registry);
  weft::loss::add_gradient_difference(registry);
  weft::loss::add_kl(registry);
  weft::loss::add_cross_entropy(registry);
}
