#include <weft/node.h>

namespace weft::estimators {

void add_face(Registry& registry);
void add_pose(Registry& registry);

}  // namespace weft::estimators

WEFT_PLUGIN("estimators", "0.1.0", registry) {
  weft::estimators::add_face(registry);
  weft::estimators::add_pose(registry);
}
