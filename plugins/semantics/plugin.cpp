#include <weft/node.h>

namespace weft::semantics {

void add_channel_mask(Registry& registry);
void add_colours(Registry& registry);
void add_edges(Registry& registry);
void add_instances(Registry& registry);
void add_mask(Registry& registry);
void add_one_hot(Registry& registry);
void add_remap(Registry& registry);
void add_replace(Registry& registry);

}  // namespace weft::semantics

WEFT_PLUGIN("semantics", "0.1.0", registry) {
  weft::semantics::add_channel_mask(registry);
  weft::semantics::add_colours(registry);
  weft::semantics::add_edges(registry);
  weft::semantics::add_instances(registry);
  weft::semantics::add_mask(registry);
  weft::semantics::add_one_hot(registry);
  weft::semantics::add_remap(registry);
  weft::semantics::add_replace(registry);
}
