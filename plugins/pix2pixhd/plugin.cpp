#include <weft/node.h>

namespace weft::pix2pixhd {

void add_composition(Registry& registry);
void add_draw_features(Registry& registry);
void add_encoder(Registry& registry);
void add_global_generator(Registry& registry);
void add_local_enhancer(Registry& registry);
void add_write_features(Registry& registry);

}  // namespace weft::pix2pixhd

WEFT_PLUGIN("pix2pixhd", "0.1.0", registry) {
  weft::pix2pixhd::add_global_generator(registry);
  weft::pix2pixhd::add_local_enhancer(registry);
  weft::pix2pixhd::add_encoder(registry);
  weft::pix2pixhd::add_write_features(registry);
  weft::pix2pixhd::add_draw_features(registry);
  weft::pix2pixhd::add_composition(registry);
}
