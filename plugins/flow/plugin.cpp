#include <weft/node.h>

namespace weft::flow {

void add_colours(Registry& registry);
void add_warp(Registry& registry);

}  // namespace weft::flow

WEFT_PLUGIN("flow", "0.1.0", registry) {
  weft::flow::add_colours(registry);
  weft::flow::add_warp(registry);
}
