#include <weft/node.h>

namespace weft::tensor {

void add_add(Registry& registry);
void add_constant(Registry& registry);
void add_coordinates(Registry& registry);
void add_detach(Registry& registry);
void add_draw(Registry& registry);
void add_frame(Registry& registry);
void add_frames(Registry& registry);
void add_spread(Registry& registry);

}  // namespace weft::tensor

WEFT_PLUGIN("tensor", "0.1.0", registry) {
  weft::tensor::add_add(registry);
  weft::tensor::add_constant(registry);
  weft::tensor::add_coordinates(registry);
  weft::tensor::add_detach(registry);
  weft::tensor::add_draw(registry);
  weft::tensor::add_frame(registry);
  weft::tensor::add_frames(registry);
  weft::tensor::add_spread(registry);
}
