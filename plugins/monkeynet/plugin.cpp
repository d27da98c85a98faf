#include <weft/node.h>

namespace weft::monkeynet {

void add_detector(Registry& registry);
void add_discriminator(Registry& registry);
void add_generator(Registry& registry);
void add_motion(Registry& registry);
void add_reconstruction(Registry& registry);
void add_transfer(Registry& registry);

}  // namespace weft::monkeynet

WEFT_PLUGIN("monkeynet", "0.1.0", registry) {
  weft::monkeynet::add_detector(registry);
  weft::monkeynet::add_transfer(registry);
  weft::monkeynet::add_motion(registry);
  weft::monkeynet::add_generator(registry);
  weft::monkeynet::add_discriminator(registry);
  weft::monkeynet::add_reconstruction(registry);
}
