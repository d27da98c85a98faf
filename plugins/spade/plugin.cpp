#include <weft/node.h>

namespace weft::spade {

void add_encoder(Registry& registry);
void add_generator(Registry& registry);

}  // namespace weft::spade

WEFT_PLUGIN("spade", "0.1.0", registry) {
  weft::spade::add_generator(registry);
  weft::spade::add_encoder(registry);
}
