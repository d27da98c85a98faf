#include <weft/node.h>

namespace weft::segmentation {

void add_deeplab(Registry& registry);
void add_labels(Registry& registry);
void add_maskrcnn(Registry& registry);
void add_small(Registry& registry);

}  // namespace weft::segmentation

WEFT_PLUGIN("segmentation", "0.1.0", registry) {
  weft::segmentation::add_deeplab(registry);
  weft::segmentation::add_labels(registry);
  weft::segmentation::add_maskrcnn(registry);
  weft::segmentation::add_small(registry);
}
