#include <weft/node.h>

namespace weft::model {

void add_nodes(Registry& registry);

}  // namespace weft::model

WEFT_PLUGIN("model", "0.1.0", registry) {
  weft::model::add_nodes(registry);
}
