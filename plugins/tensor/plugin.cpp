#include <weft/node.h>

namespace weft::tensor {

void add_constant(Registry& registry);
void add_detach(Registry& registry);

}  // namespace weft::tensor

WEFT_PLUGIN("tensor", "0.1.0", registry) {
  weft::tensor::add_constant(registry);
  weft::tensor::add_detach(registry);
}
