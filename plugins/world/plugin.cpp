#include <weft/node.h>

namespace weft::world {

void add_dancer(Registry& registry);
void add_driven_street(Registry& registry);
void add_face(Registry& registry);
void add_steered_street(Registry& registry);
void add_steering_file(Registry& registry);
void add_street(Registry& registry);

}  // namespace weft::world

WEFT_PLUGIN("world", "0.1.0", registry) {
  weft::world::add_dancer(registry);
  weft::world::add_driven_street(registry);
  weft::world::add_face(registry);
  weft::world::add_steered_street(registry);
  weft::world::add_steering_file(registry);
  weft::world::add_street(registry);
}
