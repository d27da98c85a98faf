#include <weft/node.h>

namespace weft::image {

void add_blend(Registry& registry);
void add_centre_crop(Registry& registry);
void add_concat(Registry& registry);
void add_constant(Registry& registry);
void add_cut(Registry& registry);
void add_first_colours(Registry& registry);
void add_grey(Registry& registry);
void add_half(Registry& registry);
void add_invert(Registry& registry);
void add_likeness(Registry& registry);
void add_mask_forms(Registry& registry);
void add_nearest(Registry& registry);
void add_noise(Registry& registry);
void add_panel(Registry& registry);
void add_polygon(Registry& registry);
void add_resize(Registry& registry);
void add_show(Registry& registry);

}  // namespace weft::image

WEFT_PLUGIN("image", "0.1.0", registry) {
  weft::image::add_blend(registry);
  weft::image::add_centre_crop(registry);
  weft::image::add_concat(registry);
  weft::image::add_constant(registry);
  weft::image::add_cut(registry);
  weft::image::add_first_colours(registry);
  weft::image::add_grey(registry);
  weft::image::add_half(registry);
  weft::image::add_invert(registry);
  weft::image::add_likeness(registry);
  weft::image::add_mask_forms(registry);
  weft::image::add_nearest(registry);
  weft::image::add_noise(registry);
  weft::image::add_panel(registry);
  weft::image::add_polygon(registry);
  weft::image::add_resize(registry);
  weft::image::add_show(registry);
}
