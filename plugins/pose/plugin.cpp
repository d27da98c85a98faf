#include <weft/node.h>

namespace weft::pose {

void add_central_half(Registry& registry);
void add_densepose(Registry& registry);
void add_draw(Registry& registry);
void add_find_window(Registry& registry);
void add_normalise(Registry& registry);
void add_openpose_folder(Registry& registry);
void add_proportions_folder(Registry& registry);
void add_write_openpose(Registry& registry);

}  // namespace weft::pose

WEFT_PLUGIN("pose", "0.1.0", registry) {
  weft::pose::add_central_half(registry);
  weft::pose::add_densepose(registry);
  weft::pose::add_draw(registry);
  weft::pose::add_find_window(registry);
  weft::pose::add_normalise(registry);
  weft::pose::add_openpose_folder(registry);
  weft::pose::add_proportions_folder(registry);
  weft::pose::add_write_openpose(registry);
}
