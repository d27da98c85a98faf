#include <weft/node.h>

namespace weft::prediction {

void add_classes(Registry& registry);
void add_driven_flow(Registry& registry);
void add_flow_per_metre(Registry& registry);
void add_mcnet(Registry& registry);
void add_mcnet_discriminator(Registry& registry);
void add_prednet(Registry& registry);
void add_s2s(Registry& registry);

}  // namespace weft::prediction

WEFT_PLUGIN("prediction", "0.1.0", registry) {
  weft::prediction::add_s2s(registry);
  weft::prediction::add_prednet(registry);
  weft::prediction::add_mcnet(registry);
  weft::prediction::add_mcnet_discriminator(registry);
  weft::prediction::add_classes(registry);
  weft::prediction::add_flow_per_metre(registry);
  weft::prediction::add_driven_flow(registry);
}
